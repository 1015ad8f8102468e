import type { Command } from 'commander';
import type { CheckedProfile } from '../core/doctor/checked-profile.ts';
import { examine } from './doctor/examine.ts';
import type { DoctorPorts } from './doctor/ports.ts';
import { printFindings } from './doctor/print-findings.ts';
import { newProgram, type Printer, runProgram } from './run-program.ts';

export interface DoctorDeps extends Printer {
  readonly ports: DoctorPorts;
  /** Throws where there is no such profile, or it is wrong. */
  readonly profile: (name: string) => CheckedProfile;
  readonly version: string;
}

interface Options {
  readonly profile: string;
  readonly stack?: string;
  readonly baseUrl?: string;
}

/** The program `doctor`: takes its arguments and answers the exit code, 1 where a check failed. */
export const doctorProgram =
  (deps: DoctorDeps) =>
  (args: readonly string[]): Promise<number> =>
    runProgram(programOf(deps), args, deps);

const programOf = (deps: DoctorDeps): Command =>
  newProgram('doctor', deps)
    .description('what an account and this machine lack to deploy and use a profile, and what mends it')
    .option('--profile <name>', 'a file of config/profiles, without .json', 'dev')
    .option('--stack <name>', "the stack, if it is not the profile's")
    .option('--base-url <url>', "of the API, if it is not the stack's output BaseUrl")
    .action((options: Options) => diagnose(deps, options));

async function diagnose(deps: DoctorDeps, options: Options): Promise<void> {
  const profile = deps.profile(options.profile);
  const findings = await examine(deps.ports, {
    profileName: options.profile,
    profile,
    stack: options.stack ?? profile.stackName,
    baseUrl: options.baseUrl?.replace(/\/+$/, ''),
    version: deps.version,
  });
  deps.out(printFindings(findings));
  const failures = findings.filter(({ kind }) => kind === 'failed').length;
  if (failures > 0) throw new Error(`${failures} of ${findings.length} checks failed.`);
}

import { Command, CommanderError } from 'commander';
import type { CheckedProfile } from '../core/doctor/checked-profile.ts';
import { examine } from './doctor/examine.ts';
import type { DoctorPorts } from './doctor/ports.ts';
import { printFindings } from './doctor/print-findings.ts';

export interface DoctorDeps {
  readonly ports: DoctorPorts;
  /** Throws where there is no such profile, or it is wrong. */
  readonly profile: (name: string) => CheckedProfile;
  readonly version: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

interface Options {
  readonly profile: string;
  readonly stack?: string;
  readonly baseUrl?: string;
}

/** The program `doctor`: takes its arguments and answers the exit code, 1 where a check failed. */
export const doctorProgram =
  (deps: DoctorDeps) =>
  async (args: readonly string[]): Promise<number> => {
    const program = programOf(deps);
    try {
      program.parse([...args], { from: 'user' });
      return await diagnose(deps, program.opts<Options>());
    } catch (error) {
      // Commander has said already what was wrong.
      if (error instanceof CommanderError) return error.exitCode;
      deps.err(`${(error as Error).message}\n`);
      return 1;
    }
  };

const programOf = ({ out, err }: DoctorDeps): Command =>
  new Command('doctor')
    .description('what an account and this machine lack to deploy and use a profile, and what mends it')
    .option('--profile <name>', 'a file of config/profiles, without .json', 'dev')
    .option('--stack <name>', "the stack, if it is not the profile's")
    .option('--base-url <url>', "of the API, if it is not the stack's output BaseUrl")
    .showHelpAfterError()
    .configureOutput({ writeOut: out, writeErr: err })
    .exitOverride();

async function diagnose(deps: DoctorDeps, options: Options): Promise<number> {
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
  if (failures > 0) deps.err(`${failures} of ${findings.length} checks failed.\n`);
  return failures > 0 ? 1 : 0;
}

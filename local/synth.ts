import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import { contentHash } from '../adapters/content-hash.ts';
import { cachedBuild } from './build/cached-build.ts';
import { runProgram } from './build/run-program.ts';

const ROOT = join(import.meta.dirname, '..');

/** Everything that an assembly is made from. */
const SOURCES = [
  ...['bin', 'lib', 'lambdas', 'core', 'adapters', 'config'],
  ...['cdk.json', 'package.json', 'package-lock.json', 'tsconfig.json'],
];

const cdkSchema = z.object({ context: z.record(z.string(), z.unknown()).default({}) });

export interface SynthOptions {
  /** A file of config/profiles, without `.json`. */
  readonly profile: string;
  /** Holds the assemblies. @default - .slackline/assembly */
  readonly directory?: string;
  /** Added to the context of cdk.json. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Told before a synth that takes seconds. */
  readonly onSynth?: () => void;
}

/** Gives the folder of the cloud assembly for a profile; synthesizes it where anything in it has changed. */
export function synthesize({ profile, directory, context, onSynth }: SynthOptions): Promise<string> {
  const cdk = cdkSchema.parse(JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')));
  // No commit: the assembly is kept from one commit to the next.
  const contextJson = JSON.stringify({ ...cdk.context, commit: '', ...context, profile });
  return cachedBuild({
    directory: directory ?? join(ROOT, '.slackline', 'assembly'),
    name: profile,
    hash: contentHash(ROOT, SOURCES, [contextJson]),
    async build(into) {
      onSynth?.();
      // The two variables by which the CDK CLI tells an app what to do.
      const told = { CDK_OUTDIR: into, CDK_CONTEXT_JSON: contextJson };
      const path = [join(ROOT, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
      await runProgram({
        what: `Synthesizing the profile ${profile}`,
        arguments: ['bin/app.ts'],
        cwd: ROOT,
        env: { ...process.env, PATH: path, ...told },
      });
    },
  });
}

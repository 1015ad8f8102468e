import type { Command } from 'commander';
import type { Fleet } from '../core/fleet/catalogue.ts';
import type { ModelHub, ModelUploads } from '../core/models/ports.ts';
import { pullRepository } from '../core/models/pull-repository.ts';
import { adapterTarget, type PullTarget, weightsTarget } from '../core/models/pull-target.ts';
import type { Clock } from '../core/ports.ts';
import { pullProgress } from './models/pull-progress.ts';
import { newProgram, type Printer, runProgram } from './run-program.ts';

export interface ModelsDeps extends Printer {
  /** Of config/models: the names of the files, without `.json`, and what they hold. */
  readonly fleets: () => readonly { readonly name: string; readonly fleet: Fleet }[];
  readonly hub: ModelHub;
  readonly uploads: (bucket: string) => ModelUploads;
  readonly stackOutput: (stack: string, output: string) => Promise<string>;
  readonly clock: Clock;
  /** Ends a pull. */
  readonly signal: AbortSignal;
  readonly defaultBucket: string | undefined;
}

interface PullOptions {
  readonly adapter?: string;
  readonly revision?: string;
  readonly bucket?: string;
  readonly stack: string;
  readonly all: boolean;
}

/** The program `models`: takes the arguments behind its name and answers the exit code. */
export const modelsProgram =
  (deps: ModelsDeps) =>
  (args: readonly string[]): Promise<number> =>
    runProgram(programOf(deps), args, deps);

function programOf(deps: ModelsDeps): Command {
  const program = newProgram('models', deps).description(
    'weights and adapters in the model bucket of a deployed stack',
  );
  program
    .command('pull')
    .description('copy a model from the Hugging Face hub into the model bucket; again after an interruption')
    .argument('[model]', 'a file of config/models, without .json')
    .option('--adapter <id>', 'an adapter of config/models, in place of a model')
    .option('--revision <name>', 'a commit, tag or branch (default: what config/models names, else main)')
    .option('--bucket <name>', "the stack's output ModelBucketName", deps.defaultBucket)
    .option('--stack <name>', 'the stack to ask for its bucket', 'Slackline')
    .option('--all', 'also weights in formats that no engine here loads', false)
    .action((model: string | undefined, options: PullOptions) => pull(deps, model, options));
  return program;
}

async function pull(deps: ModelsDeps, model: string | undefined, options: PullOptions): Promise<void> {
  const target = targetOf(deps, model, options);
  const bucket = options.bucket ?? (await deps.stackOutput(options.stack, 'ModelBucketName'));
  const say = (line: string) => deps.err(`${line}\n`);
  const commit = await pullRepository(
    {
      hub: deps.hub,
      uploads: deps.uploads(bucket),
      listener: pullProgress(deps.clock, say),
      signal: deps.signal,
    },
    {
      repository: target.repository,
      revision: options.revision ?? target.revision ?? 'main',
      folder: target.folder,
      everything: options.all,
    },
  );
  say(`Whole in s3://${bucket}/${target.folder(commit)}`);
  say(whatNext(target, commit));
  const fields = Object.entries(target.fields(commit)).map(([name, value]) => `"${name}": "${value}"`);
  deps.out(`${fields.join(',\n')}\n`);
}

function targetOf({ fleets }: ModelsDeps, model: string | undefined, { adapter }: PullOptions): PullTarget {
  if (model !== undefined && adapter === undefined) return weightsTarget(fleets(), model);
  if (model === undefined && adapter !== undefined) return adapterTarget(fleets(), adapter);
  throw new Error('Name one of both: a model, or an adapter by --adapter <id>.');
}

const whatNext = ({ config, place, isNamed }: PullTarget, commit: string): string =>
  isNamed(commit)
    ? `config/models/${config}.json says so already (${place}):`
    : `Put this into config/models/${config}.json (${place}) and deploy:`;

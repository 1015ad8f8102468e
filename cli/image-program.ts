import type { Command } from 'commander';
import { parseRepositoryUri } from '../core/image-reference.ts';
import { type PushDeps, pushImage } from './image/push-image.ts';
import { newProgram, type Printer, runProgram } from './run-program.ts';

export interface ImageDeps extends PushDeps, Printer {
  readonly version: string;
  readonly stackOutput: (stack: string, output: string) => Promise<string>;
}

interface PushOptions {
  readonly repository?: string;
  readonly stack: string;
}

/** The program `image`: takes the arguments behind its name and answers the exit code. */
export const imageProgram =
  (deps: ImageDeps) =>
  (args: readonly string[]): Promise<number> =>
    runProgram(programOf(deps), args, deps);

function programOf(deps: ImageDeps): Command {
  const program = newProgram('image', deps).description(
    "the GPU task's image in the registry of a deployed stack",
  );
  program
    .command('push')
    .description('build the image for linux/amd64 and push it, unless it is there already')
    .option('--repository <uri>', "the stack's output ImageRepositoryUri")
    .option('--stack <name>', 'the stack to ask for its repository', 'Slackline')
    .action(async ({ repository, stack }: PushOptions) => {
      const uri = repository ?? (await deps.stackOutput(stack, 'ImageRepositoryUri'));
      const image = await pushImage(deps, parseRepositoryUri(uri), deps.version);
      deps.say(
        `Put this into the profile of ${repository === undefined ? stack : 'its stack'}, a file of config/profiles, and deploy it (cdk deploy -c profile=<name>):`,
      );
      deps.out(`"agentImage": "${image}"\n`);
    });
  return program;
}

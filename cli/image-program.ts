import { Command, CommanderError } from 'commander';
import { parseRepositoryUri } from '../core/image-reference.ts';
import { type PushDeps, pushImage } from './image/push-image.ts';

export interface ImageDeps extends PushDeps {
  readonly version: string;
  readonly stackOutput: (stack: string, output: string) => Promise<string>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

interface PushOptions {
  readonly repository?: string;
  readonly stack: string;
}

/** The program `image`: takes the arguments behind its name and answers the exit code. */
export const imageProgram =
  (deps: ImageDeps) =>
  async (args: readonly string[]): Promise<number> => {
    try {
      await programOf(deps).parseAsync(args, { from: 'user' });
      return 0;
    } catch (error) {
      // Commander has said already what was wrong.
      if (error instanceof CommanderError) return error.exitCode;
      deps.err(`${(error as Error).message}\n`);
      return 1;
    }
  };

function programOf(deps: ImageDeps): Command {
  const program = new Command('image')
    .description("the GPU task's image in the registry of a deployed stack")
    .showHelpAfterError()
    .configureOutput({ writeOut: deps.out, writeErr: deps.err })
    .exitOverride();
  program
    .command('push')
    .description('build the image for linux/amd64 and push it, unless it is there already')
    .option('--repository <uri>', "the stack's output ImageRepositoryUri")
    .option('--stack <name>', 'the stack to ask for its repository', 'Slackline')
    .action(async ({ repository, stack }: PushOptions) => {
      const uri = repository ?? (await deps.stackOutput(stack, 'ImageRepositoryUri'));
      const image = await pushImage(deps, parseRepositoryUri(uri), deps.version);
      deps.say('Put this into the profile (config/profiles/dev.json) and deploy:');
      deps.out(`"agentImage": "${image}"\n`);
    });
  return program;
}

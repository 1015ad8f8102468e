import { Command, CommanderError } from 'commander';

/** Where a program prints. */
export interface Printer {
  /** Results. */
  readonly out: (text: string) => void;
  /** Notices and errors. */
  readonly err: (text: string) => void;
}

export const standardStreams: Printer = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

/** A program that never ends its process. Commands that are added to it behave as it does. */
export const newProgram = (name: string, { out, err }: Printer): Command =>
  new Command(name).showHelpAfterError().configureOutput({ writeOut: out, writeErr: err }).exitOverride();

export interface RunOptions extends Pick<Printer, 'err'> {
  /** What is printed of an error. @default - its message */
  readonly reasonOf?: (error: Error) => string;
}

/** All that the AWS SDK says where neither the environment nor AWS's configuration names a region. */
const SDK_LACKS_REGION = 'Region is missing';
const NO_REGION =
  'No AWS region is set: export AWS_REGION=<region>. npm run doctor says what else is missing.';

/** Runs a program on the arguments behind its name and answers the exit code, 1 where an action throws. */
export async function runProgram(
  program: Command,
  args: readonly string[],
  { err, reasonOf = ({ message }) => message }: RunOptions,
): Promise<number> {
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has said already what was wrong.
    if (error instanceof CommanderError) return error.exitCode;
    const { message } = error as Error;
    err(`${message === SDK_LACKS_REGION ? NO_REGION : reasonOf(error as Error)}\n`);
    return 1;
  }
}

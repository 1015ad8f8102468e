import type { Command } from 'commander';

/** How a command is told which deployed store it is about. */
export interface StoreOptions {
  readonly table?: string;
  readonly bucket?: string;
  readonly stack: string;
}

export interface StoreNames {
  readonly table: string;
  readonly bucket: string;
}

/** Adds the options by which a command is told. */
export const withStoreOptions = (command: Command, defaults: Partial<StoreNames>): Command =>
  command
    .option('--table <name>', "the stack's output TableName", defaults.table)
    .option('--bucket <name>', "the stack's output BucketName", defaults.bucket)
    .option('--stack <name>', 'the stack to ask for both', 'Slackline');

/** Table and bucket as named, else as the stack's outputs say. */
export async function storeNames(
  { table, bucket, stack }: StoreOptions,
  stackOutput: (stack: string, output: string) => Promise<string>,
): Promise<StoreNames> {
  return {
    table: table || (await stackOutput(stack, 'TableName')),
    bucket: bucket || (await stackOutput(stack, 'BucketName')),
  };
}

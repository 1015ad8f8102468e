import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Command } from 'commander';
import { dynamoRecords } from '../adapters/aws/records.ts';
import { hashApiKey } from '../core/api-key.ts';
import { recordKeys } from '../core/keys.ts';
import { remove } from '../core/records.ts';
import { createKey } from './create-key.ts';

const program = new Command('keys').description('API keys of a deployed stack');

const tableName = (): string => {
  const { table } = program.opts<{ table?: string }>();
  if (table !== undefined) return table;
  throw new Error("Name the stack's table: --table <TableName, an output of cdk deploy>, or set TABLE_NAME.");
};
const records = () => dynamoRecords(new DynamoDBClient(), tableName());

program.option('--table <name>', "the stack's table, an output of cdk deploy", process.env['TABLE_NAME']);

program
  .command('create')
  .description('make a key and print it, once')
  .option('--tenant <id>', 'whose files and batches it opens', 'default')
  .option('--name <text>', 'what it is for', 'made by keys create')
  .action(async ({ tenant, name }: { tenant: string; name: string }) => {
    const apiKey = await createKey(records(), { tenant, name, nowMs: Date.now() });
    process.stderr.write(`A key for the tenant ${tenant}. It is not shown again:\n`);
    process.stdout.write(`${apiKey}\n`);
  });

program
  .command('revoke')
  .description('revoke a key; it may be accepted for another minute')
  .argument('<key>', 'the key itself')
  .action(async (apiKey: string) => {
    const found = await records().change(recordKeys.apiKey(hashApiKey(apiKey)), (key) =>
      remove(key !== null),
    );
    process.stderr.write(found ? 'Revoked.\n' : 'There is no such key.\n');
    if (!found) process.exitCode = 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

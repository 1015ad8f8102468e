import { Command, CommanderError } from 'commander';
import type { Clock, Records } from '../core/ports.ts';
import type { WholeTable } from '../core/retention/ports.ts';
import { createKey } from './create-key.ts';
import { listKeys } from './list-keys.ts';
import { revokeKey } from './revoke-key.ts';

export interface KeysDeps {
  readonly records: (tableName: string) => Records;
  readonly table: (tableName: string) => Pick<WholeTable, 'scan'>;
  readonly clock: Clock;
  readonly defaultTable: string | undefined;
  /** Results. */
  readonly out: (text: string) => void;
  /** Notices and errors. */
  readonly err: (text: string) => void;
}

/** The program `keys`: takes the arguments behind its name and answers the exit code. */
export const keysProgram =
  (deps: KeysDeps) =>
  async (args: readonly string[]): Promise<number> => {
    const program = programOf(deps);
    try {
      await program.parseAsync(args, { from: 'user' });
      return 0;
    } catch (error) {
      // Commander has said already what was wrong.
      if (error instanceof CommanderError) return error.exitCode;
      deps.err(`${reasonOf(error as Error, program.opts<Options>())}\n`);
      return 1;
    }
  };

interface Options {
  readonly table?: string;
}

function programOf({ records, table, clock, defaultTable, out, err }: KeysDeps): Command {
  const program = new Command('keys')
    .description('API keys of a deployed stack')
    .option('--table <name>', "the stack's table, an output of cdk deploy", defaultTable)
    .showHelpAfterError()
    .configureOutput({ writeOut: out, writeErr: err })
    .exitOverride();
  const tableName = (): string => {
    const { table: name = '' } = program.opts<Options>();
    if (name !== '') return name;
    throw new Error(
      "Name the stack's table: --table <TableName, an output of cdk deploy>, or set TABLE_NAME.",
    );
  };
  program
    .command('create')
    .description('make a key and print it, once')
    .option('--tenant <id>', 'whose files and batches it opens', 'default')
    .option('--name <text>', 'what it is for', 'made by keys create')
    .action(async ({ tenant, name }: { tenant: string; name: string }) => {
      const apiKey = await createKey(records(tableName()), { tenant, name, nowMs: clock.nowMs() });
      err(`A key for the tenant ${tenant}. It is not shown again:\n`);
      out(`${apiKey}\n`);
    });
  program
    .command('revoke')
    .description('revoke a key; it may be accepted for another minute')
    .argument('<key>', 'the key itself')
    .action(async (apiKey: string) => {
      const found = await revokeKey(records(tableName()), apiKey);
      if (!found) {
        throw new Error(
          `There is no such key in the table ${tableName()}. Give the whole key, as \`create\` printed it.`,
        );
      }
      err('Revoked.\n');
    });
  program
    .command('list')
    .description('show whose keys there are, and what for; the whole table is read')
    .option('--tenant <id>', 'of this tenant alone')
    .action(async ({ tenant }: { tenant?: string }) => {
      for (const key of await listKeys(table(tableName()), tenant)) {
        out(`${key.tenant}\t${new Date(key.createdAtMs).toISOString()}\t${key.name}\n`);
      }
    });
  return program;
}

const reasonOf = ({ name, message }: Error, { table }: Options): string =>
  name === 'ResourceNotFoundException'
    ? `There is no table ${table} in this account and region. Check --table, AWS_REGION and the credentials.`
    : message;

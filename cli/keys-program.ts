import type { Command } from 'commander';
import type { Clock, Records } from '../core/ports.ts';
import type { WholeTable } from '../core/retention/ports.ts';
import { createKey } from './create-key.ts';
import { listKeys } from './list-keys.ts';
import { revokeKey } from './revoke-key.ts';
import { newProgram, type Printer, runProgram } from './run-program.ts';

export interface KeysDeps extends Printer {
  readonly records: (tableName: string) => Records;
  readonly table: (tableName: string) => Pick<WholeTable, 'scan'>;
  readonly clock: Clock;
  readonly defaultTable: string | undefined;
}

/** The program `keys`: takes the arguments behind its name and answers the exit code. */
export const keysProgram =
  (deps: KeysDeps) =>
  (args: readonly string[]): Promise<number> => {
    const program = programOf(deps);
    const reasonOf = (error: Error): string => explain(error, program.opts<Options>());
    return runProgram(program, args, { err: deps.err, reasonOf });
  };

interface Options {
  readonly table?: string;
}

function programOf(deps: KeysDeps): Command {
  const program = newProgram('keys', deps)
    .description('API keys of a deployed stack')
    .option('--table <name>', "the stack's table, an output of cdk deploy", deps.defaultTable);
  const table = (): string => tableIn(program.opts<Options>());
  program
    .command('create')
    .description('make a key and print it, once')
    .option('--tenant <id>', 'whose files and batches it opens', 'default')
    .option('--name <text>', 'what it is for', 'made by keys create')
    .action((options: KeyOptions) => create(deps, table(), options));
  program
    .command('revoke')
    .description('revoke a key; it may be accepted for another minute')
    .argument('<key>', 'the key itself')
    .action((apiKey: string) => revoke(deps, table(), apiKey));
  program
    .command('list')
    .description('show whose keys there are, and what for; the whole table is read')
    .option('--tenant <id>', 'of this tenant alone')
    .action(({ tenant }: Partial<KeyOptions>) => list(deps, table(), tenant));
  return program;
}

function tableIn({ table = '' }: Options): string {
  if (table !== '') return table;
  throw new Error("Name the stack's table: --table <TableName, an output of cdk deploy>, or set TABLE_NAME.");
}

interface KeyOptions {
  readonly tenant: string;
  readonly name: string;
}

async function create(deps: KeysDeps, table: string, { tenant, name }: KeyOptions): Promise<void> {
  const { records, clock, out, err } = deps;
  const apiKey = await createKey(records(table), { tenant, name, nowMs: clock.nowMs() });
  err(`A key for the tenant ${tenant}. It is not shown again:\n`);
  out(`${apiKey}\n`);
}

async function revoke({ records, err }: KeysDeps, table: string, apiKey: string): Promise<void> {
  if (!(await revokeKey(records(table), apiKey))) {
    throw new Error(
      `There is no such key in the table ${table}. Give the whole key, as \`create\` printed it.`,
    );
  }
  err('Revoked.\n');
}

async function list({ table, out }: KeysDeps, name: string, tenant: string | undefined): Promise<void> {
  for (const key of await listKeys(table(name), tenant)) {
    out(`${key.tenant}\t${new Date(key.createdAtMs).toISOString()}\t${key.name}\n`);
  }
}

const explain = ({ name, message }: Error, { table }: Options): string =>
  name === 'ResourceNotFoundException'
    ? `There is no table ${table} in this account and region. Check --table, AWS_REGION and the credentials.`
    : message;

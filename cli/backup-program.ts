import { type Command, InvalidArgumentError } from 'commander';
import type { ObjectVersions, TableItem, WholeTable } from '../core/retention/ports.ts';
import { readBackup, writeBackup } from './backup/backup-file.ts';
import { type ImportPorts, importBackup, type Source } from './backup/import-backup.ts';
import { undelete } from './backup/undelete.ts';
import { newProgram, type Printer, runProgram } from './run-program.ts';
import { type StoreNames, type StoreOptions, storeNames, withStoreOptions } from './store-names.ts';

export interface BackupDeps extends Printer {
  readonly open: (names: StoreNames) => ImportPorts & { readonly versions: ObjectVersions };
  readonly openTable: (name: string) => WholeTable;
  readonly stackOutput: (stack: string, output: string) => Promise<string>;
  readonly defaults: Partial<StoreNames>;
}

interface ImportOptions extends StoreOptions {
  readonly from?: string;
  readonly fromTable?: string;
  readonly replace: boolean;
}

/** The program `backup`: takes the arguments behind its name and answers the exit code. */
export const backupProgram =
  (deps: BackupDeps) =>
  (args: readonly string[]): Promise<number> =>
    runProgram(programOf(deps), args, deps);

function programOf(deps: BackupDeps): Command {
  const program = newProgram('backup', deps).description(
    'records of a deployed stack, out and in again (docs/runbooks/restore.md)',
  );
  command(deps, program, 'export')
    .description('write all records into a file; not one moment of them, while the stack is in use')
    .requiredOption('--to <file>', 'a new file')
    .action((options: StoreOptions & { readonly to: string }) => exportTo(deps, options));
  command(deps, program, 'import')
    .description('put records back, so that every Batch among them goes on to its end')
    .option('--from <file>', 'that export has written')
    .option('--from-table <name>', 'a table that was restored from a backup')
    .option('--replace', 'delete the records that are there', false)
    .action((options: ImportOptions) => importFrom(deps, options));
  command(deps, program, 'undelete')
    .description('bring back the objects that were deleted since, where the bucket keeps versions')
    .requiredOption('--since <instant>', 'for example 2026-01-31T12:00:00Z', readInstant)
    .action((options: StoreOptions & { readonly since: number }) => undeleteSince(deps, options));
  return program;
}

const command = ({ defaults }: BackupDeps, program: Command, name: string): Command =>
  withStoreOptions(program.command(name), defaults);

function readInstant(text: string): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw new InvalidArgumentError('An instant like 2026-01-31T12:00:00Z.');
  return atMs;
}

const opened = async (deps: BackupDeps, options: StoreOptions) =>
  deps.open(await storeNames(options, deps.stackOutput));

async function exportTo(deps: BackupDeps, options: StoreOptions & { readonly to: string }): Promise<void> {
  const { table } = await opened(deps, options);
  deps.out(`${await writeBackup(options.to, table.scan())} records in ${options.to}.\n`);
}

async function importFrom(deps: BackupDeps, options: ImportOptions): Promise<void> {
  const source = sourceOf(deps, options);
  const names = await storeNames(options, deps.stackOutput);
  refuseSame(names.table, options.fromTable);
  const { items, closing } = await importBackup(deps.open(names), source, options);
  deps.out(`${items} records put back; ${closing} Batches go on with their close plan.\n`);
  deps.err('The sweeper goes on with every open Batch within minutes.\n');
}

function sourceOf(deps: BackupDeps, { from, fromTable }: ImportOptions): Source {
  if (from !== undefined && fromTable === undefined) return () => readBackup(from);
  if (from === undefined && fromTable !== undefined) return () => tableItems(deps, fromTable);
  throw new Error('Name one of both: --from <file> or --from-table <name>.');
}

async function* tableItems({ openTable }: BackupDeps, name: string): AsyncGenerator<readonly TableItem[]> {
  try {
    yield* openTable(name).scan();
  } catch (error) {
    throw new Error(`The table ${name} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Either may be an ARN. */
function refuseSame(table: string, fromTable: string | undefined): void {
  if (fromTable === undefined || nameIn(fromTable) !== nameIn(table)) return;
  throw new Error(
    `${fromTable} is the table that the records go into. Name the one that was restored beside it with --from-table.`,
  );
}

const nameIn = (nameOrArn: string): string => nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);

async function undeleteSince(deps: BackupDeps, options: StoreOptions & { readonly since: number }) {
  const { versions } = await opened(deps, options);
  deps.out(`${await undelete(versions, options.since)} objects are there again.\n`);
}

import type { Command } from 'commander';
import { isTenantId } from '../core/api-key.ts';
import type { TenantId } from '../core/ids.ts';
import { newProgram, type Printer, runProgram } from './run-program.ts';
import { type StoreNames, type StoreOptions, storeNames, withStoreOptions } from './store-names.ts';
import { describeBelongings, findBelongings, isNothing } from './tenants/belongings.ts';
import { type DeletePorts, deleteTenant } from './tenants/delete-tenant.ts';
import { describeBackups } from './tenants/describe-backups.ts';

export interface TenantsDeps extends Printer, Pick<DeletePorts, 'clock' | 'pause'> {
  readonly open: (names: StoreNames) => Pick<DeletePorts, 'records' | 'table' | 'versions' | 'executions'>;
  readonly stackOutput: (stack: string, output: string) => Promise<string>;
  readonly defaults: Partial<StoreNames>;
}

interface DeleteOptions extends StoreOptions {
  readonly cancel: boolean;
  readonly yes: boolean;
}

/** The program `tenants`: takes the arguments behind its name and answers the exit code. */
export const tenantsProgram =
  (deps: TenantsDeps) =>
  (args: readonly string[]): Promise<number> =>
    runProgram(programOf(deps), args, deps);

function programOf(deps: TenantsDeps): Command {
  const program = newProgram('tenants', deps).description('tenants of a deployed stack');
  const command = program
    .command('delete')
    .description('delete every record, object and object version of a tenant; again after an interruption')
    .argument('<tenant>', 'its id')
    .option('--yes', 'do it; without it nothing is deleted, and what there is is counted', false)
    .option('--cancel', 'cancel open Batches and wait for their end', false);
  withStoreOptions(command, deps.defaults).action((tenant: string, options: DeleteOptions) =>
    deleteOne(deps, tenant, options),
  );
  return program;
}

async function deleteOne(deps: TenantsDeps, text: string, options: DeleteOptions): Promise<void> {
  if (!isTenantId(text)) {
    throw new Error(`'${text}' is no tenant id: those are of lower case letters, digits and hyphens.`);
  }
  const tenant = text as TenantId;
  const say = (line: string): void => deps.err(`${line}\n`);
  const ports = { ...deps, ...deps.open(await storeNames(options, deps.stackOutput)), say };
  if (!options.yes) {
    const there = describeBelongings(await findBelongings(ports, tenant));
    throw new Error(`Of ${tenant} there are ${there}. Nothing was deleted: repeat it with --yes.`);
  }
  const { found, left } = await deleteTenant(ports, tenant, { mayCancel: options.cancel });
  say(`Found ${describeBelongings(found)}.`);
  deps.out(`Left of ${tenant}: ${describeBelongings(left)}.\n`);
  if (!isNothing(left)) throw new Error('Something was added meanwhile. Run the command again.');
  if (found.uploadUrlsUntilMs > deps.clock.nowMs()) {
    const until = new Date(found.uploadUrlsUntilMs).toISOString();
    throw new Error(
      `Upload URLs that were handed out take bytes until ${until}. Run the command again then.`,
    );
  }
  say(describeBackups(tenant));
}

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { startChild } from '../processes/child.ts';
import { stopChild } from '../processes/stop-child.ts';
import { untilAnswers } from '../processes/until-answers.ts';
import { findDynoxide } from './binary.ts';
import { ensureTable } from './ensure-table.ts';
import { expireItems } from './expire-items.ts';
import { freePort } from './free-port.ts';
import { planTable, type TablePlan } from './table-properties.ts';

export interface DynamoDbOptions {
  /** Kept between runs; its directory is made if it is absent. */
  readonly databaseFile: string;
  /** @default - a free one */
  readonly port?: number;
  readonly nowMs?: () => number;
  /** @default - one minute */
  readonly sweepEveryMs?: number;
}

export interface DynamoDb {
  readonly url: string;
  /** Creates the table of an AWS::DynamoDB::Table's properties if it is absent. */
  createTable(properties: unknown, physicalName?: string): Promise<void>;
  /** Deletes every item whose time to live is over, and returns how many. Runs by itself once a minute. */
  sweepExpired(): Promise<number>;
  close(): Promise<void>;
}

const START_LIMIT_MS = 10_000;
const POLL_MS = 25;
const STOP_LIMIT_MS = 3_000;

/** Starts dynoxide on 127.0.0.1. Rejects, with what it printed, if it does not come up. */
export async function startDynamoDb(options: DynamoDbOptions): Promise<DynamoDb> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const path = process.env['PATH'] ?? '';
  mkdirSync(dirname(options.databaseFile), { recursive: true });
  const printed: string[] = [];
  const child = startChild({
    command: [findDynoxide({ path }), 'serve', ...serveArguments(port, options.databaseFile)],
    env: { PATH: path },
    onLine: (line) => printed.push(line) > 20 && printed.shift(),
  });
  const client = localClient(url);
  await untilAnswers(child, {
    ...{ name: 'dynoxide', answers: () => answers(client), printed },
    ...{ limitMs: START_LIMIT_MS, pollMs: POLL_MS },
  });
  const plans = new Map<string, TablePlan>();
  const sweepExpired = async () => {
    let deleted = 0;
    for (const plan of plans.values()) {
      deleted += await expireItems(client, plan, (options.nowMs ?? Date.now)());
    }
    return deleted;
  };
  // A sweep that fails is repeated a minute later; when the server is gone, its callers will say so.
  const sweeper = setInterval(() => sweepExpired().catch(() => 0), options.sweepEveryMs ?? 60_000);
  sweeper.unref();
  return {
    url,
    sweepExpired,
    async createTable(properties, physicalName) {
      const plan = planTable(properties, physicalName);
      await ensureTable(client, plan);
      plans.set(plan.create.TableName, plan);
    },
    async close() {
      clearInterval(sweeper);
      client.destroy();
      await stopChild(child, STOP_LIMIT_MS);
    },
  };
}

function serveArguments(port: number, databaseFile: string): string[] {
  return ['--host', '127.0.0.1', '--port', String(port), '--db-path', databaseFile];
}

/** dynoxide checks no signature; the SDK wants credentials all the same. */
function localClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
}

async function answers(client: DynamoDBClient): Promise<boolean> {
  try {
    await client.send(new ListTablesCommand({ Limit: 1 }));
    return true;
  } catch {
    // Not up yet.
    return false;
  }
}

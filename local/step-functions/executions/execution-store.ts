import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface ExecutionRecord {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly status: ExecutionStatus;
  readonly input: string;
  readonly startedAtMs: number;
  readonly stoppedAtMs: number | null;
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
}

export interface ExecutionEnd {
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

export interface ExecutionPage {
  readonly stateMachineArn: string;
  readonly status?: ExecutionStatus | undefined;
  readonly offset: number;
  readonly limit: number;
}

export interface ExecutionStore {
  /** Signs task tokens; made with the database. */
  readonly tokenKey: Uint8Array;
  insert(
    execution: Pick<ExecutionRecord, 'arn' | 'name' | 'stateMachineArn' | 'input' | 'startedAtMs'>,
  ): void;
  end(arn: string, end: ExecutionEnd, stoppedAtMs: number): void;
  find(arn: string): ExecutionRecord | undefined;
  running(): ExecutionRecord[];
  /** Newest first. */
  list(page: ExecutionPage): ExecutionRecord[];
  /** Drops what ended before an instant, which frees the names. */
  forgetEndedBefore(instantMs: number): void;
  close(): void;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS token_key (key BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS execution (
    arn TEXT PRIMARY KEY, name TEXT NOT NULL, stateMachineArn TEXT NOT NULL, status TEXT NOT NULL,
    input TEXT NOT NULL, startedAtMs INTEGER NOT NULL, stoppedAtMs INTEGER,
    output TEXT, error TEXT, cause TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS execution_by_machine ON execution (stateMachineArn, startedAtMs DESC);
  CREATE INDEX IF NOT EXISTS execution_by_stop ON execution (stoppedAtMs);
`;

/** Opens the executions of a stack, kept in SQLite so that names stay taken after a restart. */
export function openExecutionStore(databaseFile: string): ExecutionStore {
  const database = new DatabaseSync(databaseFile);
  database.exec(SCHEMA);
  const insert = database.prepare(
    `INSERT INTO execution (arn, name, stateMachineArn, status, input, startedAtMs) VALUES (?, ?, ?, 'RUNNING', ?, ?)`,
  );
  const end = database.prepare(
    'UPDATE execution SET status = ?, stoppedAtMs = ?, output = ?, error = ?, cause = ? WHERE arn = ?',
  );
  const find = database.prepare('SELECT * FROM execution WHERE arn = ?');
  const running = database.prepare(`SELECT * FROM execution WHERE status = 'RUNNING'`);
  const list = database.prepare(
    `SELECT * FROM execution WHERE stateMachineArn = ? AND (? IS NULL OR status = ?)
     ORDER BY startedAtMs DESC, rowid DESC LIMIT ? OFFSET ?`,
  );
  const forget = database.prepare('DELETE FROM execution WHERE stoppedAtMs < ?');
  return {
    tokenKey: tokenKeyOf(database),
    insert: (each) =>
      void insert.run(each.arn, each.name, each.stateMachineArn, each.input, each.startedAtMs),
    end: (arn, { status, output, error, cause }, stoppedAtMs) =>
      void end.run(status, stoppedAtMs, output ?? null, error ?? null, cause ?? null, arn),
    find: (arn) => find.get(arn) as ExecutionRecord | undefined,
    running: () => running.all() as unknown as ExecutionRecord[],
    list: ({ stateMachineArn, status = null, limit, offset }) =>
      list.all(stateMachineArn, status, status, limit, offset) as unknown as ExecutionRecord[],
    forgetEndedBefore: (instantMs) => void forget.run(instantMs),
    close: () => database.close(),
  };
}

function tokenKeyOf(database: DatabaseSync): Uint8Array {
  const row = database.prepare('SELECT key FROM token_key').get() as { key: Uint8Array } | undefined;
  if (row !== undefined) return row.key;
  const key = randomBytes(32);
  database.prepare('INSERT INTO token_key (key) VALUES (?)').run(key);
  return key;
}

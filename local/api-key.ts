import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { apiKeyFrom, hashApiKey } from '../core/api-key.ts';
import type { TenantId } from '../core/ids.ts';
import { recordKeys } from '../core/keys.ts';
import type { Records } from '../core/ports.ts';
import { keep, put } from '../core/records.ts';

export interface LocalKeyOptions {
  /** Holds the key itself, for its owner alone to read. */
  readonly file: string;
  readonly records: Records;
  readonly nowMs: number;
}

/** The API key of a data directory: made at its first start, and the same at every later one. */
export async function openApiKey({ file, records, nowMs }: LocalKeyOptions): Promise<string> {
  const key = readKey(file) ?? makeKey(file);
  const apiKey = { tenant: 'local' as TenantId, name: 'local', createdAtMs: nowMs };
  await records.change(recordKeys.apiKey(hashApiKey(key)), (known) =>
    known === null ? put(apiKey, undefined) : keep(undefined),
  );
  return key;
}

function readKey(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Kept before it counts: a key that works and that no one knows would be of no use. */
function makeKey(file: string): string {
  const key = apiKeyFrom(randomBytes(32));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${key}\n`, { mode: 0o600 });
  return key;
}

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { heartbeat } from '../../gpu-task/agent/heartbeat.ts';
import { virtualTime } from './virtual-time.ts';

const IS_ALIVE = join(import.meta.dirname, '../../gpu-task/is-alive.sh');
const MINUTE_MS = 60_000;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slackline-test-'));
  file = join(folder, 'heartbeat');
});
afterEach(() => rmSync(folder, { recursive: true }));

const warnings: string[] = [];
const log = {
  info: () => undefined,
  warn: (message: string) => void warnings.push(message),
  with: () => log,
};

/** The exit code of the health check. */
const health = () => spawnSync('sh', [IS_ALIVE], { env: { ...process.env, HEARTBEAT_FILE: file } }).status;
function age(ageMs: number): void {
  const then = new Date(Date.now() - ageMs);
  utimesSync(file, then, then);
}

it('keeps the container healthy for as long as it beats, and no longer', async () => {
  const time = virtualTime();
  const { close } = heartbeat({ file, time, log });
  await vi.waitUntil(() => existsSync(file));
  expect(health()).toBe(0);

  age(3 * MINUTE_MS);
  expect(health()).not.toBe(0);
  await time.advance(MINUTE_MS);
  await vi.waitUntil(() => health() === 0);

  close();
  age(3 * MINUTE_MS);
  const stoppedAtMs = statSync(file).mtimeMs;
  await time.advance(MINUTE_MS);
  expect(statSync(file).mtimeMs).toBe(stoppedAtMs);
});

it('counts a container as unhealthy whose agent never got so far', () => {
  expect(health()).not.toBe(0);
});

it('says once that it cannot write its file, and goes on', async () => {
  const time = virtualTime();
  const late = join(folder, 'late');
  file = join(late, 'heartbeat');
  const { close } = heartbeat({ file, time, log });
  await vi.waitUntil(() => warnings.length > 0);
  await time.advance(MINUTE_MS);
  mkdirSync(late);
  await time.advance(MINUTE_MS);
  await vi.waitUntil(() => existsSync(file));
  expect(warnings).toEqual(['The file for the health check is not writable.']);
  close();
});

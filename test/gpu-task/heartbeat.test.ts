import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { heartbeat } from '../../gpu-task/agent/heartbeat.ts';
import { type VirtualTime, virtualTime } from './virtual-time.ts';

/** A machine that does other things besides takes seconds. */
const PATIENT = { timeout: 20_000 };

const IS_ALIVE = join(import.meta.dirname, '../../gpu-task/is-alive.sh');
const MINUTE_MS = 60_000;
/** At least as long as the agent's own. */
const BEAT_MS = 15_000;

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

/** The disk is real, and not at the pace of the clock: the clock goes on until it has come along. */
const untilBeaten = (time: VirtualTime, isSeen: () => boolean) =>
  vi.waitUntil(async () => {
    await time.advance(BEAT_MS);
    return isSeen();
  }, PATIENT);

it('keeps the container healthy for as long as it beats, and no longer', async () => {
  const time = virtualTime();
  const { close } = heartbeat({ file, time, log });
  await vi.waitUntil(() => existsSync(file), PATIENT);
  expect(health()).toBe(0);

  age(3 * MINUTE_MS);
  expect(health()).not.toBe(0);
  await untilBeaten(time, () => health() === 0);

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
  await untilBeaten(time, () => warnings.length > 0);
  await time.advance(MINUTE_MS);
  mkdirSync(late);
  await untilBeaten(time, () => existsSync(file));
  expect(warnings).toEqual(['The file for the health check is not writable.']);
  close();
});

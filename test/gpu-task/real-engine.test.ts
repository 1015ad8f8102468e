import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { httpEngine } from '../../adapters/engine/http-client.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import { engineOf } from '../../gpu-task/engine-of.ts';
import type { EngineAddress } from '../../gpu-task/engines/engine.ts';
import { agentRig, lineBody } from './agent-rig.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slackline-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const names = Array.from({ length: 40 }, (_, i) => `line-${i}`);

/** An agent on the real clock, with a simulated engine as a process of its own. */
function realRig(faults: readonly object[]) {
  const rig = agentRig({
    engine: { kind: 'simulated', tokensPerSecond: 5000, firstTokenMs: 2, startMs: 0, maxRunning: 8 },
    checkpoint: { everyMs: 100, maxBytes: 1_000_000, maxResults: 10 },
    leaseMs: 3000,
    idleExitMs: 1500,
  });
  const faultsFile = join(folder, 'faults.json');
  const logFile = join(folder, 'sent.jsonl');
  writeFileSync(faultsFile, JSON.stringify(faults));
  const addresses: EngineAddress[] = [];
  const connect = (address: EngineAddress) => {
    addresses.push(address);
    return httpEngine({ ...address, connections: 8 });
  };
  const env = {
    PATH: process.env['PATH'],
    SIMULATED_ENGINE_FAULTS: faultsFile,
    SIMULATED_ENGINE_LOG: logFile,
  };
  const engine = engineOf({ fleet: rig.fleet, env, time: systemTime, connect });
  return {
    rig,
    sent: () => readFileSync(logFile, 'utf8').trimEnd().split('\n'),
    socketsLeft: () =>
      addresses.filter(({ socketPath }) => socketPath !== undefined && existsSync(socketPath)),
    start: () => rig.start({ engine, connect, time: systemTime }),
    untilSettled: () =>
      vi.waitUntil(
        async () => {
          await rig.record();
          return rig.shard().state === 'settled';
        },
        { timeout: 20_000 },
      ),
  };
}

it('runs a Shard on a real engine: every line sent once, answered once, nothing left behind', async () => {
  const real = realRig([]);
  await real.rig.enrol(names);
  await real.rig.dispatch();
  const exit = real.start();
  await real.untilSettled();
  expect(real.sent().sort()).toEqual(names.map(lineBody).sort());
  expect(
    real.rig
      .results()
      .map((line) => line.custom_id)
      .sort(),
  ).toEqual([...names].sort());
  expect(real.rig.shard().totals).toMatchObject({ completed: 40, failed: 0 });
  expect(await exit).toBe(0);
  expect(real.socketsLeft()).toEqual([]);
});

it('survives a crash of the engine, an abort and refusals, and loses no line', async () => {
  const real = realRig([
    { when: 'line-7"', does: { kind: 'die' }, times: 1 },
    { when: 'line-8"', does: { kind: 'finish', reason: 'abort' }, times: 1 },
    { when: 'line-9"', does: { kind: 'status', status: 429 }, times: 2 },
    { when: 'line-10"', does: { kind: 'status', status: 400 } },
  ]);
  await real.rig.enrol(names);
  await real.rig.dispatch();
  const exit = real.start();
  await real.untilSettled();
  expect(real.rig.shard().totals).toMatchObject({ completed: 39, failed: 1 });
  expect(real.rig.shard().deaths).toEqual([{ fence: 1, engineStart: 1 }]);
  expect(
    real.rig
      .results()
      .map((line) => line.custom_id)
      .sort(),
  ).toEqual([...names].sort());
  expect(await exit).toBe(0);
});

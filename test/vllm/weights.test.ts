import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { httpEngine } from '../../adapters/engine/http-client.ts';
import type { VllmEngineConfig } from '../../core/fleet/catalogue.ts';
import { weightsFolder } from '../../core/models/layout.ts';
import type { Log } from '../../gpu-task/agent/log.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import { prepareVllm } from '../../gpu-task/cold-start/vllm-start.ts';
import type { EngineAddress, RunningEngine } from '../../gpu-task/engines/engine.ts';
import { vllmEngine } from '../../gpu-task/engines/vllm.ts';
import { vllmHome } from '../../scripts/vllm-cpu/home.ts';
import { localBucket } from '../gpu-task/cold-start/local-bucket.ts';
import { cpuEngine } from './cpu-engine.ts';
import { enginesOf } from './processes.ts';

const FLEET = 'tiny';
const revision = 'a'.repeat(40);

let bucket: Awaited<ReturnType<typeof localBucket>>;
let assets: string;
let running: RunningEngine | undefined;
const lines: string[] = [];
const warnings: string[] = [];
const log: Log = { info: () => undefined, warn: (message) => warnings.push(message), with: () => log };

beforeAll(async () => {
  bucket = await localBucket();
  assets = mkdtempSync(join(tmpdir(), 'slackline-assets-'));
  await bucket.putModel(weightsFolder(FLEET, revision), vllmHome(process.env).tinyModel);
});
afterAll(async () => {
  running?.kill();
  await running?.exited;
  await bucket.close();
  rmSync(assets, { recursive: true });
});

const connect = (address: EngineAddress) => httpEngine({ ...address, connections: 2 });

it('reads its weights from the model bucket, without credentials of AWS', async () => {
  const config: VllmEngineConfig = {
    ...cpuEngine(),
    // On the hub; nothing of it is on this machine.
    model: 'a/model',
    ...{ weights: 'bucket', revision },
  };
  const gpus = { look: async () => ({ kind: 'absent' }) as const };
  const prepare = prepareVllm({
    ...{ fleetId: FLEET, config, modelFiles: bucket.modelFiles, gpus, log },
    ...{ cacheRoot: undefined, vllmVersion: 'test' },
  });
  const env = { ...process.env, VLLM_ASSETS_CACHE: assets, AWS_SECRET_ACCESS_KEY: 'a-secret' };
  const onLine = (line: string) => lines.push(line);
  running = await vllmEngine({
    ...{ config, model: 'tiny', endpoints: ['/v1/completions'], adapters: [], env },
    ...{ time: systemTime, connect, onLine, prepare },
  }).start();

  expect(warnings).toEqual([]);
  expect(running.coldStart?.report.weightsMs, lines.join('\n')).toBeGreaterThanOrEqual(0);
  expect(running.coldStart?.report.warmUpMs).toBeGreaterThan(0);
  const [server] = enginesOf(running.address.socketPath ?? '');
  const environment = server?.environment.join('\n') ?? '';
  expect(environment).toContain('AWS_SECRET_ACCESS_KEY=door');
  expect(environment).not.toContain('a-secret');
  // The door is closed by now.
  const [, door = ''] = /AWS_ENDPOINT_URL=(.+)/.exec(environment) ?? [];
  await expect(fetch(door)).rejects.toThrow('fetch failed');
});

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { httpEngine } from '../../../adapters/engine/http-client.ts';
import type { GpuProbe } from '../../../core/agent/gpu-reading.ts';
import type { VllmEngineConfig } from '../../../core/fleet/catalogue.ts';
import { weightsFolder } from '../../../core/models/layout.ts';
import type { Log } from '../../../gpu-task/agent/log.ts';
import { systemTime } from '../../../gpu-task/agent/time.ts';
import { prepareVllm } from '../../../gpu-task/cold-start/vllm-start.ts';
import type { EngineAddress, RunningEngine } from '../../../gpu-task/engines/engine.ts';
import { vllmEngine } from '../../../gpu-task/engines/vllm.ts';
import { localBucket } from './local-bucket.ts';
import { untilAborted } from './memory-files.ts';

/** A machine that does other things besides takes seconds. */
const PATIENT = { timeout: 20_000 };

const STUB = join(import.meta.dirname, 'compiling-vllm.ts');
const FLEET = 'tiny';
const revision = 'a'.repeat(40);

let folder: string;
let bucket: Awaited<ReturnType<typeof localBucket>>;
let said: string[];
let running: RunningEngine | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slackline-start-'));
  bucket = await localBucket();
  said = [];
});
afterEach(async () => {
  await end();
  await bucket.close();
  rmSync(folder, { recursive: true });
});

async function end(): Promise<void> {
  running?.kill();
  await running?.exited;
  running = undefined;
}

const note = (message: string) => void said.push(message);
const log: Log = { info: note, warn: note, with: () => log };
const connect = (address: EngineAddress) => httpEngine({ ...address, connections: 2 });
const absent: GpuProbe = { look: async () => ({ kind: 'absent' }) };

const cacheRoot = () => join(folder, 'vllm');

/** The engine of one Task. */
function engineOf(changes: Partial<VllmEngineConfig> = {}, gpus = absent) {
  const config: VllmEngineConfig = {
    kind: 'vllm',
    command: [process.execPath, STUB],
    model: 'a/model',
    args: ['--max-num-seqs', '8'],
    env: { STUB_REPORT: join(folder, 'report.json'), VLLM_CACHE_ROOT: cacheRoot() },
    startTimeoutMs: 20_000,
    ...changes,
  };
  const { modelFiles } = bucket;
  return vllmEngine({
    ...{ config, model: 'tiny', endpoints: ['/v1/completions'], adapters: [] },
    ...{ env: { PATH: process.env['PATH'] }, time: systemTime, connect, onLine: () => undefined },
    prepare: prepareVllm({
      ...{ fleetId: FLEET, config, modelFiles, vllmVersion: '0.32.0', gpus, log },
      cacheRoot: cacheRoot(),
    }),
  });
}

interface Report {
  readonly args: readonly string[];
  readonly compiles: boolean;
  readonly listing: string;
}
const report = (): Report => JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;

const untilSaid = (text: string) =>
  vi.waitUntil(() => said.some((message) => message.includes(text)), PATIENT);

it('gives an engine what another Task compiled, and says how long its start took', async () => {
  running = await engineOf().start();
  expect(report().compiles).toBe(true);
  expect(running.coldStart?.report).toEqual({ modelMs: 13_403, warmUpMs: 30_000, compileMs: 1000 });
  await untilSaid('Stored');
  await end();
  expect(await bucket.keys()).toEqual([
    expect.stringMatching(/^compile-cache\/tiny\/0\.32\.0-cpu-[0-9a-f]{16}\.tar\.gz$/),
  ]);

  // The next Task has a disk of its own.
  rmSync(cacheRoot(), { recursive: true });
  running = await engineOf().start();
  expect(report().compiles).toBe(false);
  expect(running.coldStart?.report.warmUpMs).toBe(2500);
  const { startedAtMs = 0, healthyAtMs = 0, answeredAtMs = 0 } = running.coldStart ?? {};
  expect(startedAtMs).toBeLessThan(healthyAtMs);
  expect(healthyAtMs).toBeLessThanOrEqual(answeredAtMs);
});

it('stores nothing at a later start, when users have sent Requests', async () => {
  const engine = engineOf();
  running = await engine.start();
  await untilSaid('Stored');
  await end();
  const puts = vi.spyOn(bucket.modelFiles, 'put');
  writeFileSync(join(cacheRoot(), 'torch_compile_cache/of-a-user'), 'a prompt');
  rmSync(join(cacheRoot(), 'torch_compile_cache/0a1b'), { recursive: true });
  running = await engine.start();
  expect(running.engineStart).toBe(2);
  expect(report().compiles).toBe(true);
  expect(puts).not.toHaveBeenCalled();
});

it('keeps no kernels where the GPU does not say what it is', async () => {
  const puts = vi.spyOn(bucket.modelFiles, 'put');
  running = await engineOf({}, { look: async () => ({ kind: 'hung' }) }).start();
  expect(report().compiles).toBe(true);
  expect(puts).not.toHaveBeenCalled();
});

it('has vLLM stream a pinned model from the door, and shuts it once the engine is ready', async () => {
  const model = mkdtempSync(join(folder, 'model-'));
  writeFileSync(join(model, 'model.safetensors'), 'weights');
  await bucket.putModel(weightsFolder(FLEET, revision), model);
  running = await engineOf({ weights: 'bucket', revision }).start();
  const { args, listing } = report();
  expect(args.slice(0, 2)).toEqual(['serve', `s3://weights/models/tiny/${revision}`]);
  expect(args.join(' ')).toContain('--max-num-seqs 8 --load-format runai_streamer');
  expect(listing).toContain(`<Key>models/tiny/${revision}/model.safetensors</Key>`);
});

it('has each of several GPUs read its own part of the weights', async () => {
  const model = mkdtempSync(join(folder, 'model-'));
  writeFileSync(join(model, 'model.safetensors'), 'weights');
  await bucket.putModel(weightsFolder(FLEET, revision), model);
  running = await engineOf({ weights: 'bucket', revision, args: ['--tensor-parallel-size', '2'] }).start();
  expect(report().args.join(' ')).toContain('--model-loader-extra-config {"distributed":true}');
});

it('pins a model of the hub to its commit', async () => {
  running = await engineOf({ revision }).start();
  expect(report().args.join(' ')).toContain(`serve a/model --max-num-seqs 8 --revision ${revision}`);
});

it('does not start on weights that are not whole, and says what to do', async () => {
  await bucket.put(`${weightsFolder(FLEET, revision)}model.safetensors`, 'weights');
  await expect(engineOf({ weights: 'bucket', revision }).start()).rejects.toThrow(
    `The model bucket holds no whole models/tiny/${revision}/: there is no slackline.json. Run: npm run models:pull -- tiny`,
  );
});

it.each(['compile-cache/', 'models/'])(
  'is given up while it waits for %s, without an engine',
  async (awaited) => {
    const stop = new AbortController();
    const { get } = bucket.modelFiles;
    vi.spyOn(bucket.modelFiles, 'get').mockImplementation((key, signal) => {
      if (!key.startsWith(awaited)) return get(key, signal);
      setImmediate(() => stop.abort());
      return untilAborted(signal);
    });
    await expect(engineOf({ weights: 'bucket', revision }).start(stop.signal)).rejects.toThrow();
    expect(existsSync(join(folder, 'report.json'))).toBe(false);
  },
);

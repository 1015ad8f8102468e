import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../core/agent/exit-code.ts';
import type { Fleet } from '../../core/fleet/catalogue.ts';
import { agentRig } from './agent-rig.ts';
import { fakeGpus } from './fake-gpus.ts';

const LOOK_MS = 20_000;
const GPU_FAILED = EXIT_CODES.gpuFailed;
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const twoDeaths = [1, 2].map((engineStart) => ({ fence: 0, engineStart }));
const lost = { kind: 'lost', why: 'GPU is lost' } as const;

/** An agent with a Shard of eight lines, four of them in flight, on a GPU that works until a test says otherwise. */
async function running(options: { readonly isolated?: boolean; readonly fleet?: Partial<Fleet> } = {}) {
  const rig = agentRig(options.fleet);
  const gpus = fakeGpus();
  const warnings: string[] = [];
  const log = {
    info: () => undefined,
    warn: (message: string, fields: object = {}) =>
      void warnings.push(`${message} ${JSON.stringify(fields)}`),
    with: () => log,
  };
  await rig.enrol(names);
  if (options.isolated) await rig.change(0, (shard) => ({ ...shard, deaths: twoDeaths }));
  await rig.dispatch();
  const exit = rig.start({ gpus: gpus.probe, log });
  let code: number | null = null;
  void exit.then((ended) => {
    code = ended;
  });
  await rig.time.settle();
  return { rig, gpus, exit, warnings, code: () => code, deaths: () => rig.shard().deaths };
}

describe('a GPU that errs', () => {
  it('ends its Task with a code of its own: what is finished is stored, the Shard is given back, no line is charged', async () => {
    const { rig, gpus, exit, warnings, deaths } = await running();
    rig.engine.held[0]?.answer();
    await rig.time.settle();
    gpus.showGpu({ uncorrectedErrors: 1 });
    await rig.time.advance(LOOK_MS);
    expect(await exit).toBe(GPU_FAILED);
    await rig.record();
    expect(rig.shard()).toMatchObject({ state: 'open', lease: null, totals: { completed: 1 } });
    expect(deaths()).toEqual([]);
    expect(rig.engine.isRunning()).toBe(false);
    expect(warnings).toContain(
      'The agent ends with a failure. {"reason":"Error: GPU 0: 1 memory errors that ECC could not correct."}',
    );
  });

  it('keeps its Task while the trouble may pass', async () => {
    const { rig, gpus, code, warnings } = await running();
    gpus.show({ kind: 'unknown-error', why: 'Unknown Error' });
    await rig.time.advance(LOOK_MS);
    gpus.showGpu({});
    await rig.time.advance(LOOK_MS);
    expect(code()).toBeNull();
    expect(warnings).toEqual(['A GPU may err. {"why":"Unknown Error"}']);
  });

  it('ends an agent whose engine is not ready yet', async () => {
    const rig = agentRig();
    const gpus = fakeGpus();
    gpus.show(lost);
    const never: typeof rig.engine.start = (signal) =>
      new Promise((_resolve, reject) =>
        signal?.addEventListener('abort', () => reject(new Error('given up'))),
      );
    expect(await rig.start({ gpus: gpus.probe, engine: { start: never } })).toBe(GPU_FAILED);
  });

  it('does not turn an Interruption into a failure', async () => {
    const { rig, gpus, exit } = await running();
    rig.stop({ kind: 'interruption', atMs: rig.time.nowMs(), takenAtMs: rig.time.nowMs() + 120_000 });
    gpus.show(lost);
    await rig.time.advance(120_000);
    expect(await exit).toBe(0);
  });

  it('ends its Task although the engine does not end by any signal', async () => {
    const rig = agentRig();
    const gpus = fakeGpus();
    const stuck: typeof rig.engine.start = async (signal) => ({
      ...(await rig.engine.start(signal)),
      stop: () => new Promise(() => undefined),
    });
    const exit = rig.start({ gpus: gpus.probe, engine: { start: stuck } });
    await rig.time.settle();
    gpus.show(lost);
    await rig.time.advance(LOOK_MS + 20_000);
    expect(await exit).toBe(GPU_FAILED);
  });
});

describe('while a line runs alone', () => {
  it('waits for its end, sends no other, and then ends the Task of a GPU that errs still', async () => {
    const { rig, gpus, exit, code } = await running({ isolated: true });
    expect(rig.engine.held).toHaveLength(1);
    gpus.show(lost);
    await rig.time.advance(5 * LOOK_MS);
    expect(code()).toBeNull();
    expect(rig.shard().lease).not.toBeNull();
    rig.engine.answerAll();
    await rig.time.settle();
    expect(await exit).toBe(GPU_FAILED);
    await rig.record();
    expect(rig.engine.sent).toHaveLength(1);
    expect(rig.shard()).toMatchObject({ state: 'open', lease: null, totals: { completed: 1 } });
  });

  it('goes on with the next line where the GPU is well again', async () => {
    const { rig, gpus, code } = await running({ isolated: true });
    gpus.show(lost);
    await rig.time.advance(LOOK_MS);
    gpus.showGpu({});
    rig.engine.answerAll();
    await rig.time.settle();
    expect(code()).toBeNull();
    expect(rig.engine.sent).toHaveLength(2);
  });

  it('charges the line that the engine died with, whatever the GPU shows, and starts no engine on one that errs', async () => {
    const { rig, gpus, exit, deaths } = await running({ isolated: true });
    gpus.showGpu({ uncorrectedErrors: 1 });
    rig.engine.die();
    expect(await exit).toBe(GPU_FAILED);
    await rig.record();
    expect(deaths()).toHaveLength(3);
    expect(rig.shard()).toMatchObject({ lease: null, totals: { completed: 0, failed: 1 } });
    expect(rig.engine.starts()).toBe(1);
  });
});

describe('when the engine has died', () => {
  it('looks at the GPU before the next start, and charges the death where it finds nothing', async () => {
    const { rig, gpus, deaths } = await running();
    const looksBefore = gpus.looks();
    rig.engine.die();
    await rig.time.settle();
    await rig.record();
    expect(gpus.looks()).toBe(looksBefore + 1);
    expect(deaths()).toEqual([{ fence: 1, engineStart: 1 }]);
    expect(rig.engine.starts()).toBe(2);
  });

  it('charges no line where the memory of the GPU has failed', async () => {
    const { rig, gpus, exit, deaths } = await running();
    gpus.showGpu({ badMemory: ['a row could not be remapped'] });
    rig.engine.die();
    expect(await exit).toBe(GPU_FAILED);
    await rig.record();
    expect(deaths()).toEqual([]);
    expect(rig.shard().lease).toBeNull();
    expect(rig.engine.starts()).toBe(1);
  });

  it('charges the Shard where the GPU is lost: its lines may be the reason', async () => {
    const { rig, gpus, exit, deaths } = await running();
    gpus.show(lost);
    rig.engine.die();
    expect(await exit).toBe(GPU_FAILED);
    await rig.record();
    expect(deaths()).toEqual([{ fence: 1, engineStart: 1 }]);
    expect(rig.engine.starts()).toBe(1);
  });

  it('looks a second time where nvidia-smi hangs, and gives up after it', async () => {
    const { rig, gpus, exit, code } = await running();
    gpus.show({ kind: 'hung' });
    rig.engine.die();
    await rig.time.settle();
    expect(code()).toBeNull();
    expect(rig.engine.starts()).toBe(1);
    await rig.time.advance(5000);
    expect(await exit).toBe(GPU_FAILED);
    expect(rig.engine.starts()).toBe(1);
  });
});

describe('where no GPU is watched', () => {
  it('runs as ever without nvidia-smi, and asks for it once', async () => {
    const { rig, gpus } = await running();
    gpus.show({ kind: 'absent' });
    await rig.time.advance(LOOK_MS);
    const looks = gpus.looks();
    await rig.time.advance(2 * LOOK_MS);
    rig.engine.die();
    await rig.time.settle();
    expect(gpus.looks()).toBe(looks);
    expect(rig.engine.starts()).toBe(2);
  });

  it('leaves the GPU here alone where the engine computes elsewhere', async () => {
    const engine = { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1' } as const;
    const { rig, gpus, code } = await running({ fleet: { engine } });
    await rig.time.advance(2 * LOOK_MS);
    expect(gpus.looks()).toBe(0);
    expect(code()).toBeNull();
  });
});

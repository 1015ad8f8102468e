import { expect, it } from 'vitest';
import type { EngineAnswer } from '../../core/agent/ports.ts';
import { adapterSchema } from '../../core/fleet/adapter.ts';
import type { EngineConfig, Fleet } from '../../core/fleet/catalogue.ts';
import { agentRig } from './agent-rig.ts';
import { chatAnswer, type FakeAnswer, jsonAnswer } from './fake-engine.ts';

const VLLM: EngineConfig = { kind: 'vllm', command: ['vllm'], model: 'm', args: [], startTimeoutMs: 1000 };
const adapters = ['formal', 'terse'].map((id) => adapterSchema.parse({ id, source: 'folder', path: '/x' }));
const LOAD = JSON.stringify({ lora_name: 'formal', lora_path: '/adapters/formal' });
const LOADED: EngineAnswer = { statusCode: 200, body: Buffer.from('Success: …') };
const refusal = jsonAnswer(500, { error: { message: 'LoRA rank 64 is greater than max_lora_rank 16.' } });

const isLoad = (body: string): boolean => body.includes('lora_name');
const rigWith = (changes: Partial<Fleet> = {}) => agentRig({ engine: VLLM, adapters, ...changes });

/** An agent with a Shard of two lines for each of these models, and an engine that answers like this. */
async function running(
  models: readonly string[],
  onLoad: (body: string) => FakeAnswer = () => LOADED,
  changes: Partial<Fleet> = {},
) {
  const rig = rigWith(changes);
  for (const [number, model] of models.entries()) {
    await rig.enrol([`${model}-a`, `${model}-b`], number, model);
    await rig.dispatch(number);
  }
  rig.engine.respondWith((body) => (isLoad(body) ? onLoad(body) : chatAnswer()));
  const exit = rig.start();
  await rig.time.advance(60_000);
  return { rig, exit, loads: () => rig.engine.sent.filter(isLoad) };
}

it('has the engine load an adapter before the first of its lines, and only once', async () => {
  const { rig, loads } = await running(['formal', 'formal']);
  expect(rig.engine.sent[0]).toBe(LOAD);
  expect(loads()).toEqual([LOAD]);
  expect([...rig.results(0), ...rig.results(1)].map(({ response }) => response?.status_code)).toEqual(
    Array(4).fill(200),
  );
});

it('loads nothing for lines of the Fleet’s own model', async () => {
  const { rig, loads } = await running([rigWith().fleet.model]);
  expect(loads()).toEqual([]);
  expect(rig.results()).toHaveLength(2);
});

it('loads nothing into an engine that is not vLLM', async () => {
  const { engine } = agentRig().fleet;
  const { rig, loads } = await running(['formal'], () => LOADED, { engine });
  expect(loads()).toEqual([]);
  expect(rig.results()).toHaveLength(2);
});

it('asks a server of someone else for an adapter by its id, and for the model by the server’s name', async () => {
  const engine = { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1' } as const;
  const rig = rigWith({ engine });
  for (const [number, model] of ['formal', rig.fleet.model].entries()) {
    await rig.enrol([`${model}-a`, `${model}-b`], number, model);
    await rig.dispatch(number);
  }
  rig.engine.respondWith(() => chatAnswer());
  const start = async () => ({ ...(await rig.engine.start()), servedModel: 'theirs' });
  void rig.start({ engine: { start } });
  await rig.time.advance(1000);
  const models = rig.engine.sent.map((body) => (JSON.parse(body) as { model: string }).model);
  expect(models).toEqual(['tiny-model', 'tiny-model', 'theirs', 'theirs']);
});

it('runs the lines of others while an adapter is on its way', async () => {
  const { rig } = await running(['formal', rigWith().fleet.model], () => null);
  expect(rig.results(0)).toEqual([]);
  expect(rig.results(1)).toHaveLength(2);
  for (const held of rig.engine.held) held.answer(LOADED);
  await rig.time.advance(60_000);
  expect(rig.results(0)).toHaveLength(2);
});

it('leases Shards of other models beside one whose adapter is on its way, however many lines that has', async () => {
  const rig = rigWith();
  const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `line-${i}`);
  const [formal, own] = ['formal', rig.fleet.model];
  for (const [number, model] of [formal, own, formal, formal, own].entries()) {
    await rig.enrol(names(20), number, model);
    await rig.dispatch(number);
  }
  rig.engine.respondWith((body) => (isLoad(body) ? null : chatAnswer()));
  void rig.start();
  await rig.time.advance(60_000);
  expect(rig.results(1)).toHaveLength(20);
  expect([0, 1, 2, 3, 4].map((number) => rig.shard(number).fence)).toEqual([1, 1, 1, 1, 0]);
  for (const held of rig.engine.held) held.answer(LOADED);
  await rig.time.advance(60_000);
  expect([0, 2, 3, 4].flatMap((number) => rig.results(number))).toHaveLength(80);
});

it('loads it again after each start of the engine, for Shards that are on their way and for later ones', async () => {
  const rig = rigWith();
  await rig.enrol(['a', 'b'], 0, 'formal');
  await rig.dispatch();
  rig.engine.respondWith((body) => (isLoad(body) ? LOADED : null));
  void rig.start();
  await rig.time.advance(1000);
  rig.engine.die();
  await rig.time.advance(1000);
  rig.engine.answerAll();
  await rig.enrol(['later'], 1, 'formal');
  await rig.dispatch(1);
  await rig.time.advance(1000);
  const sent = rig.engine.sent.map((body) => (isLoad(body) ? 'load' : 'line'));
  expect(sent).toEqual(['load', 'line', 'line', 'load', 'line', 'line', 'line']);
});

it('fails the lines of an adapter that the engine refuses, and no others', async () => {
  const onLoad = (body: string): EngineAnswer => (body === LOAD ? refusal : LOADED);
  const { rig } = await running(['formal', 'terse'], onLoad);
  for (const line of rig.results(0)) {
    expect(line).toMatchObject({
      response: null,
      error: {
        code: 'adapter_unavailable',
        message:
          "The adapter of the model 'formal' could not be loaded: the engine answers 500: LoRA rank 64 is greater than max_lora_rank 16.",
      },
    });
  }
  expect(rig.results(0)).toHaveLength(2);
  expect(rig.results(1).map(({ response }) => response?.status_code)).toEqual([200, 200]);
  await rig.record();
  expect(rig.shard(0)).toMatchObject({ state: 'settled', totals: { completed: 0, failed: 2 } });
  expect(rig.engine.starts()).toBe(1);
});

it('tries an adapter that was refused again for the next Shard', async () => {
  let answer = refusal;
  const { rig } = await running(['formal'], () => answer);
  answer = LOADED;
  await rig.enrol(['later'], 1, 'formal');
  await rig.dispatch(1);
  await rig.time.advance(60_000);
  expect(rig.results(1)).toMatchObject([{ response: { status_code: 200 } }]);
});

it('takes an adapter for loaded that the engine has already, as an answer may be lost', async () => {
  const already = jsonAnswer(400, {
    error: { message: "The lora adapter 'formal' has already been loaded." },
  });
  let tries = 0;
  const { rig, loads } = await running(['formal'], () => (++tries === 1 ? 'reset' : already));
  expect(loads()).toHaveLength(2);
  expect(rig.results().map(({ response }) => response?.status_code)).toEqual([200, 200]);
});

it('tries an adapter again where the engine answered 500 because it was dying', async () => {
  let tries = 0;
  const { rig } = await running(['formal'], () => (++tries === 1 ? 'collapse' : LOADED));
  expect(rig.engine.starts()).toBe(2);
  expect(rig.results().map(({ response }) => response?.status_code)).toEqual([200, 200]);
});

it('gives up an adapter during whose load the engine died three times, and goes on with others', async () => {
  const { rig, loads } = await running(['formal', 'terse'], (body) => (body === LOAD ? 'die' : LOADED));
  expect(loads().filter((body) => body === LOAD)).toHaveLength(3);
  expect(rig.engine.starts()).toBe(4);
  expect(rig.results(0)).toMatchObject([
    { error: { code: 'adapter_unavailable' } },
    { error: { code: 'adapter_unavailable' } },
  ]);
  expect(rig.results(1).map(({ response }) => response?.status_code)).toEqual([200, 200]);
});

it('waits for an adapter’s files while the model bucket is away for some seconds', async () => {
  const rig = rigWith();
  await rig.enrol(['one'], 0, 'formal');
  await rig.dispatch();
  rig.engine.respondWith((body) => (isLoad(body) ? LOADED : chatAnswer()));
  const backAtMs = rig.time.monotonicMs() + 10_000;
  const folderOf = async (): Promise<string> => {
    if (rig.time.monotonicMs() < backAtMs) throw new Error('S3 is away.');
    return '/adapters/formal';
  };
  void rig.start({ adapterFiles: { folderOf } });
  await rig.time.advance(60_000);
  expect(rig.results()).toMatchObject([{ response: { status_code: 200 } }]);
});

it('fails lines whose adapter’s files cannot be had for half a minute, and says why', async () => {
  const rig = rigWith();
  await rig.enrol(['one'], 0, 'formal');
  await rig.dispatch();
  let tries = 0;
  const folderOf = async (): Promise<string> => {
    tries++;
    throw new Error('The model bucket has no adapters/formal/1/slackline.json: pull the adapter.');
  };
  void rig.start({ adapterFiles: { folderOf } });
  await rig.time.advance(60_000);
  expect(tries).toBe(8);
  expect(rig.engine.sent).toEqual([]);
  const says = expect.stringMatching(/'formal' could not be loaded: The model bucket has no .*adapter\.$/);
  expect(rig.results()).toMatchObject([{ error: { code: 'adapter_unavailable', message: says } }]);
});

it('sends no line that runs alone while an adapter is being loaded', async () => {
  const rig = rigWith();
  await rig.enrol(['formal-a'], 0, 'formal');
  await rig.enrol(['a'], 1, rig.fleet.model);
  const deaths = [1, 2].map((engineStart) => ({ fence: 0, engineStart }));
  await rig.change(1, (shard) => ({ ...shard, deaths }));
  await rig.dispatch(0);
  await rig.dispatch(1);
  rig.engine.respondWith((body) => (isLoad(body) ? null : chatAnswer()));
  void rig.start();
  await rig.time.settle();
  expect(rig.engine.sent).toEqual([LOAD]);
  rig.engine.answerAll();
  await rig.time.advance(60_000);
  expect([...rig.results(0), ...rig.results(1)]).toHaveLength(2);
});

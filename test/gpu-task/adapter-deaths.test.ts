import { expect, it } from 'vitest';
import { recordKeys } from '../../core/keys.ts';
import { closeShard } from '../../core/protocol/lease.ts';
import { agentRig } from './agent-rig.ts';
import { chatAnswer, jsonAnswer } from './fake-engine.ts';

const BAD = 'the-bad-line';
const LOADED = jsonAnswer(200, 'Success: …');
const isLoad = (body: string): boolean => body.includes('lora_name');

const rigWithAdapter = () =>
  agentRig({
    engine: { kind: 'vllm', command: ['vllm'], model: 'm', args: [], startTimeoutMs: 1000 },
    adapters: [{ id: 'formal', rank: 16, source: 'folder', path: '/x' }],
  });
type Rig = ReturnType<typeof rigWithAdapter>;

/** Shard 0 is of the Fleet's model, and its line has killed the engine this often; Shard 1 needs the adapter. */
async function enrolBoth(rig: Rig, deaths: number): Promise<void> {
  await rig.enrol([BAD], 0);
  await rig.enrol(['formal-a', 'formal-b'], 1, 'formal');
  const died = Array.from({ length: deaths }, (_, i) => ({ fence: 0, engineStart: i + 1 }));
  await rig.change(0, (shard) => ({ ...shard, deaths: died }));
  await rig.dispatch(0);
  await rig.dispatch(1);
}

/** What the engine has: loads and lines. */
const heldBy = (rig: Rig): readonly string[] =>
  rig.engine.held.map(({ body }) => (isLoad(body) ? 'load' : 'line')).sort();

function answerLoad(rig: Rig): void {
  for (const held of rig.engine.held.filter(({ body }) => isLoad(body))) held.answer(LOADED);
}

it('does not blame an adapter for a line of an older Shard that kills the engine beside its load', async () => {
  const rig = rigWithAdapter();
  await enrolBoth(rig, 0);
  void rig.start();
  for (const _death of [1, 2]) {
    await rig.time.advance(5000);
    expect(heldBy(rig)).toEqual(['line', 'load']);
    rig.engine.die();
  }
  await rig.time.advance(5000);
  expect(heldBy(rig)).toEqual(['load']);
  rig.engine.respondWith((body) => (isLoad(body) ? LOADED : body.includes(BAD) ? 'die' : chatAnswer()));
  answerLoad(rig);
  await rig.time.advance(60_000);
  expect(rig.results(0)).toMatchObject([{ error: { code: 'engine_crashed' } }]);
  expect(rig.results(1).map(({ response }) => response?.status_code)).toEqual([200, 200]);
});

it('sends no line that runs alone beside the load that a younger Shard begins after the engine’s start', async () => {
  const rig = rigWithAdapter();
  await enrolBoth(rig, 1);
  void rig.start();
  await rig.time.settle();
  expect(heldBy(rig)).toEqual(['line', 'load']);
  rig.engine.die();
  await rig.time.advance(5000);
  expect(heldBy(rig)).toEqual(['load']);
  answerLoad(rig);
  await rig.time.settle();
  expect(heldBy(rig)).toEqual(['line']);
});

it('forgets the deaths of an adapter’s loads once it is loaded', async () => {
  const rig = rigWithAdapter();
  let loads = 0;
  const deadly = new Set([1, 2, 4]);
  rig.engine.respondWith((body) => {
    if (!isLoad(body)) return chatAnswer();
    return deadly.has(++loads) ? 'die' : LOADED;
  });
  await rig.enrol(['a'], 0, 'formal');
  await rig.dispatch(0);
  void rig.start();
  await rig.time.advance(60_000);
  expect(rig.results(0)).toMatchObject([{ response: { status_code: 200 } }]);
  rig.engine.die();
  await rig.enrol(['b'], 1, 'formal');
  await rig.dispatch(1);
  await rig.time.advance(60_000);
  expect(loads).toBe(5);
  expect(rig.results(1)).toMatchObject([{ response: { status_code: 200 } }]);
});

it('sends a line that waited for a load though the Shard that asked for it has lost its Lease', async () => {
  const rig = rigWithAdapter();
  await enrolBoth(rig, 1);
  void rig.start();
  await rig.time.settle();
  rig.engine.die();
  await rig.time.settle();
  await rig.records.change(recordKeys.shard(rig.shardId(1)), (shard) => closeShard(shard, rig.shard(1)));
  await rig.time.advance(60_000);
  expect(heldBy(rig)).toEqual(['load']);
  answerLoad(rig);
  await rig.time.settle();
  expect(heldBy(rig)).toEqual(['line']);
});

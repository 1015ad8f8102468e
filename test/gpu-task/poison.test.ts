import { expect, it } from 'vitest';
import { MAX_VAIN_DEATHS } from '../../core/agent/vain-deaths.ts';
import { recordKeys } from '../../core/keys.ts';
import { closeShard } from '../../core/protocol/lease.ts';
import { agentRig, lineBody } from './agent-rig.ts';
import { chatAnswer, jsonAnswer } from './fake-engine.ts';

const BAD = 'the-bad-line';
const goodNames = ['a', 'b', 'c', 'd', 'e'];

it('finds the line that kills the engine, fails it alone and finishes all others', async () => {
  const rig = agentRig();
  await rig.enrol([...goodNames, BAD]);
  await rig.dispatch();
  rig.engine.respondWith((body) => (body.includes(BAD) ? 'die' : chatAnswer()));
  void rig.start();
  await rig.time.advance(60_000);
  await rig.record();
  expect(rig.shard().state).toBe('settled');
  expect(rig.shard().totals).toMatchObject({ completed: 5, failed: 1 });
  const bad = rig.results().find((line) => line.custom_id === BAD);
  expect(bad).toMatchObject({ response: null, error: { code: 'engine_crashed' } });
  expect(rig.shard().deaths).toEqual([
    { fence: 1, engineStart: 1 },
    { fence: 1, engineStart: 2 },
    { fence: 1, engineStart: 3, isolatedIndex: 5 },
  ]);
  expect(rig.engine.starts()).toBe(4);
});

it('finds it too where the engine answers 500 to all lines before it dies, as vLLM does', async () => {
  const rig = agentRig();
  await rig.enrol([...Array.from({ length: 39 }, (_, i) => `line-${i}`), BAD]);
  await rig.dispatch();
  rig.engine.respondWith((body) => (body.includes(BAD) ? 'collapse' : null));
  void rig.start();
  for (let round = 0; round < 60; round++) {
    await rig.time.advance(2000);
    rig.engine.answerAll();
  }
  await rig.time.advance(60_000);
  await rig.record();
  expect(rig.shard()).toMatchObject({ state: 'settled', totals: { completed: 39, failed: 1 } });
  const failed = rig.results().filter(({ response }) => response?.status_code !== 200);
  expect(failed).toMatchObject([{ custom_id: BAD, response: null, error: { code: 'engine_crashed' } }]);
});

it('leases and sends nothing while it looks whether the engine has died', async () => {
  const rig = agentRig();
  await rig.enrol([BAD], 0);
  await rig.enrol(goodNames, 1);
  await rig.dispatch(0);
  rig.engine.respondWith(() => 'collapse');
  void rig.start();
  await rig.time.advance(100);
  rig.engine.respondWith(() => null);
  await rig.dispatch(1);
  await rig.time.advance(100);
  expect(rig.engine.sent).toEqual([lineBody(BAD)]);
  await rig.time.advance(5000);
  expect(rig.engine.held).toHaveLength(rig.fleet.concurrency);
  await rig.record();
  expect([rig.shard(0).deaths.length, rig.shard(1).deaths.length]).toEqual([1, 0]);
});

it('goes on with other Shards where the one that had it looked has lost its Lease meanwhile', async () => {
  const rig = agentRig({ concurrency: 1 });
  await rig.enrol(['a'], 0);
  await rig.enrol(['b'], 1);
  await rig.dispatch(0);
  await rig.dispatch(1);
  rig.engine.respondWith((body) => (body === lineBody('a') ? jsonAnswer(500, {}) : chatAnswer()));
  const isHealthy = async (): Promise<boolean> => {
    await rig.time.sleep(30_000);
    return true;
  };
  void rig.start({ connect: () => ({ ...rig.engine.connect(), isHealthy }) });
  await rig.time.settle();
  await rig.records.change(recordKeys.shard(rig.shardId(0)), (shard) => closeShard(shard, rig.shard()));
  await rig.time.advance(29_000);
  expect(rig.results(1)).toEqual([]);
  await rig.time.advance(2000);
  expect(rig.results(1)).toHaveLength(1);
});

it('charges no line with outages of a server that is not ours', async () => {
  const rig = agentRig({ engine: { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1' } });
  await rig.enrol(goodNames);
  await rig.dispatch();
  void rig.start();
  for (let outages = 0; outages < 4; outages++) {
    await rig.time.settle();
    rig.engine.die();
  }
  await rig.time.settle();
  rig.engine.respondWith(() => chatAnswer());
  rig.engine.answerAll();
  await rig.time.advance(1000);
  await rig.record();
  expect(rig.shard()).toMatchObject({ state: 'settled', totals: { completed: 5, failed: 0 }, deaths: [] });
});

it('ends with a failure where its engine dies again and again without a result, and gives its Shards back', async () => {
  const rig = agentRig();
  await rig.enrol(goodNames);
  await rig.dispatch();
  rig.engine.respondWith(() => 'die');
  const exit = rig.start();
  await rig.time.advance(60_000);
  expect(await exit).toBe(1);
  expect(rig.engine.starts()).toBe(MAX_VAIN_DEATHS);
  expect(rig.results()).toHaveLength(MAX_VAIN_DEATHS - 2);
  expect(rig.shard()).toMatchObject({ state: 'open', lease: null });
});

it('goes on however often its engine dies, as long as there are results between', async () => {
  const rig = agentRig({ concurrency: 1 });
  const count = MAX_VAIN_DEATHS * 2;
  await rig.enrol(Array.from({ length: count }, (_, i) => `${i % 2 === 0 ? 'bad' : 'one'}-${i}`));
  await rig.dispatch();
  rig.engine.respondWith((body) => (body.includes('bad') ? 'die' : chatAnswer()));
  void rig.start();
  await rig.time.advance(60_000);
  await rig.record();
  const half = MAX_VAIN_DEATHS;
  expect(rig.shard()).toMatchObject({ state: 'settled', totals: { completed: half, failed: half } });
});

it('reports a death at once and sends the lost lines again', async () => {
  const rig = agentRig();
  await rig.enrol(goodNames);
  await rig.dispatch();
  void rig.start();
  await rig.time.settle();
  rig.engine.die();
  await rig.time.settle();
  expect(rig.reports.waiting().at(-1)?.deaths).toEqual([{ fence: 1, engineStart: 1 }]);
  expect(rig.engine.held.map(({ engineStart }) => engineStart)).toEqual([2, 2, 2, 2]);
});

it('does not count a death with nothing in flight', async () => {
  const rig = agentRig();
  void rig.start();
  await rig.time.settle();
  rig.engine.die();
  await rig.enrol(goodNames);
  await rig.dispatch();
  await rig.time.settle();
  expect(rig.engine.held).toHaveLength(4);
  expect(rig.reports.waiting().at(-1)?.deaths).toEqual([]);
});

it('runs a Shard with two deaths one line at a time, each recorded before it is sent, and leases nothing beside it', async () => {
  const rig = agentRig();
  await rig.enrol(goodNames, 0);
  await rig.enrol(goodNames, 1);
  const deaths = [
    { fence: 0, engineStart: 1 },
    { fence: 0, engineStart: 2 },
  ];
  await rig.change(0, (shard) => ({ ...shard, deaths }));
  await rig.dispatch(0);
  await rig.dispatch(1);
  const isolatedAtSend: (number | undefined)[] = [];
  rig.engine.respondWith(() => {
    isolatedAtSend.push(rig.shard(0).isolated?.index);
    return null;
  });
  void rig.start();
  await rig.time.settle();
  for (let sent = 1; sent <= goodNames.length; sent++) {
    expect(rig.engine.held).toHaveLength(1);
    expect(rig.shard(1).lease).toBeNull();
    rig.engine.answerAll();
    await rig.time.settle();
  }
  expect(isolatedAtSend.slice(0, 5).sort()).toEqual([0, 1, 2, 3, 4]);
  expect(rig.shard(1).lease).not.toBeNull();
});

it('fails the lines that an earlier Attempt found, without sending them', async () => {
  const rig = agentRig();
  await rig.enrol([BAD, 'a']);
  const deaths = [1, 2, 3].map((fence) => ({ fence, engineStart: 1, isolatedIndex: 0 }));
  await rig.change(0, (shard) => ({ ...shard, fence: 3, deaths }));
  await rig.dispatch();
  rig.engine.respondWith(() => chatAnswer());
  void rig.start();
  await rig.time.settle();
  await rig.record();
  expect(rig.engine.sent).toEqual([lineBody('a')]);
  expect(rig.shard()).toMatchObject({ state: 'settled', totals: { completed: 1, failed: 1 } });
});

it('sends nothing where it may not record that the line runs alone', async () => {
  const rig = agentRig();
  await rig.enrol(['a', 'b']);
  const deaths = [1, 2].map((engineStart) => ({ fence: 0, engineStart }));
  await rig.change(0, (shard) => ({ ...shard, deaths }));
  await rig.dispatch();
  void rig.start();
  await rig.time.settle();
  await rig.records.change(recordKeys.shard(rig.shardId(0)), () => ({
    kind: 'put',
    record: { ...rig.shard(), fence: 9, lease: null },
    result: null,
  }));
  rig.engine.answerAll();
  await rig.time.settle();
  expect(rig.engine.sent).toHaveLength(1);
});

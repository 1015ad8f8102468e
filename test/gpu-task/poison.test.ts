import { expect, it } from 'vitest';
import { recordKeys } from '../../core/keys.ts';
import { agentRig, lineBody } from './agent-rig.ts';
import { chatAnswer } from './fake-engine.ts';

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

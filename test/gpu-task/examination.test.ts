import { expect, it } from 'vitest';
import { agentRig, lineBody } from './agent-rig.ts';
import { jsonAnswer } from './fake-engine.ts';

it('sends at once to an engine that came up while its predecessor was still examined', async () => {
  const rig = agentRig();
  await rig.enrol(['a']);
  await rig.dispatch();
  let refused = false;
  rig.engine.respondWith(() => {
    if (refused) return null;
    refused = true;
    return jsonAnswer(500, {});
  });
  const isHealthy = async (): Promise<boolean> => {
    await rig.time.sleep(500);
    return false;
  };
  void rig.start({ connect: () => ({ ...rig.engine.connect(), isHealthy }) });
  await rig.time.settle();
  rig.engine.die();
  await rig.time.settle();
  expect([rig.engine.starts(), rig.engine.sent.length]).toEqual([2, 1]);
  // Three probes with half a second between them.
  await rig.time.advance(2500);
  expect(rig.engine.sent).toEqual([lineBody('a'), lineBody('a')]);
});

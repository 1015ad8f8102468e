import { expect, it } from 'vitest';
import { batchesRig } from './rig.ts';

it('GET /v1/version tells version and commit apart', async () => {
  const answer = await batchesRig().call('/version');
  expect(await answer.json()).toEqual({ object: 'version', version: '1.2.3', commit: 'abc' });
});

import { expect, it } from 'vitest';
import { taskEnd } from '../../../core/fleet/task.ts';

const facts = { stopCode: undefined, stoppedReason: undefined, exitCodes: [], placed: true };

it.each([
  ['spot took the instance', { stopCode: 'SpotInterruption', exitCodes: [137] }, 'interrupted'],
  ['the instance is gone', { stoppedReason: 'Host EC2 (instance i-1) terminated.' }, 'interrupted'],
  ['we asked for it', { stopCode: 'UserInitiated', exitCodes: [143] }, 'ended'],
  ['ECS drained the instance', { stopCode: 'TerminationNotice', exitCodes: [143] }, 'ended'],
  ['the agent ran out of work', { stopCode: 'EssentialContainerExited', exitCodes: [0] }, 'ended'],
  ['the agent failed', { stopCode: 'EssentialContainerExited', exitCodes: [1] }, 'failed'],
  ['no instance came', { stopCode: 'TaskFailedToStart', placed: false }, 'unplaced'],
  ['the image could not be pulled', { stopCode: 'TaskFailedToStart' }, 'failed'],
] as const)('knows how a Task ended: %s', (_, changes, end) => {
  expect(taskEnd({ ...facts, ...changes })).toBe(end);
});

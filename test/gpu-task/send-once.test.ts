import { expect, it } from 'vitest';
import type { EngineClient } from '../../core/agent/ports.ts';
import { requestTimeouts } from '../../gpu-task/agent/request-timeouts.ts';
import { sendOnce } from '../../gpu-task/agent/send-once.ts';
import { virtualTime } from './virtual-time.ts';

const client = (send: EngineClient['send']): EngineClient => ({
  send,
  isHealthy: async () => true,
  metrics: async () => null,
  models: async () => null,
  close: async () => undefined,
});

const request = (send: EngineClient['send']) => {
  const time = virtualTime();
  const timeouts = requestTimeouts(time, 1000, new AbortController().signal);
  const ending = new AbortController();
  return {
    time,
    sent: sendOnce({ client: client(send), path: '/', body: new Uint8Array(), timeouts, ending }),
  };
};

it('says how a connection broke, for the log', async () => {
  const { sent } = request(async () => {
    throw new Error('other side closed');
  });
  expect(await sent).toEqual({
    kind: 'unanswered',
    why: 'connection',
    reason: 'Error: other side closed',
  });
});

it('tells a Request whose time is over from one whose connection broke', async () => {
  const { time, sent } = request(
    (_path, _body, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('taken back')))),
  );
  await time.advance(1001);
  expect(await sent).toMatchObject({ kind: 'unanswered', why: 'timeout' });
});

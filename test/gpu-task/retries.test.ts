import { expect, it } from 'vitest';
import type { EngineAnswer } from '../../core/agent/ports.ts';
import { agentRig, type WireResult } from './agent-rig.ts';
import { chatAnswer, jsonAnswer } from './fake-engine.ts';

/** Runs a Shard of one line against an engine that answers like this; answers the line's result and the sends. */
async function runOne(
  respond: (tries: number) => EngineAnswer | 'reset' | null,
): Promise<{ readonly result: WireResult | undefined; readonly sends: number }> {
  const rig = agentRig();
  await rig.enrol(['one']);
  await rig.dispatch();
  let tries = 0;
  rig.engine.respondWith(() => respond(++tries));
  void rig.start();
  await rig.time.advance(1_000_000);
  return { result: rig.results()[0], sends: tries };
}

const refusal = { error: { message: 'no', type: 'invalid_request_error', param: null, code: 400 } };

it.each([400, 401, 404, 413, 422])('takes status %i for final', async (status) => {
  const { result, sends } = await runOne(() => jsonAnswer(status, refusal));
  expect(sends).toBe(1);
  expect(result).toMatchObject({ response: { status_code: status, body: refusal }, error: null });
});

it.each([408, 409, 500, 504])('tries again after status %i, then keeps the answer', async (status) => {
  const { result, sends } = await runOne(() => jsonAnswer(status, refusal));
  expect(sends).toBe(3);
  expect(result).toMatchObject({ response: { status_code: status, body: refusal }, error: null });
});

it.each([429, 502, 503])(
  'spends no try on status %i, but keeps it after the time of a Request',
  async (status) => {
    const { fleet } = agentRig();
    const brief = await runOne((tries) => (tries <= 8 ? jsonAnswer(status, refusal) : chatAnswer()));
    expect(brief).toMatchObject({ sends: 9, result: { response: { status_code: 200 } } });
    const { result, sends } = await runOne(() => jsonAnswer(status, refusal));
    expect(sends).toBeGreaterThan(fleet.request.maxTries);
    expect(result).toMatchObject({ response: { status_code: status, body: refusal }, error: null });
  },
);

it.each(['abort', 'error', null])('takes finish_reason %s for unfinished', async (reason) => {
  const { result, sends } = await runOne((tries) => chatAnswer(tries === 1 ? reason : 'stop'));
  expect(sends).toBe(2);
  expect(result).toMatchObject({ response: { status_code: 200 }, error: null });
});

it('fails a line that never finishes with an error of its own', async () => {
  const { result, sends } = await runOne(() => chatAnswer('abort'));
  expect(sends).toBe(3);
  expect(result).toMatchObject({ response: null, error: { code: 'engine_gave_up' } });
});

it('tries again after a broken connection to an engine that lives', async () => {
  const { result, sends } = await runOne((tries) => (tries === 1 ? 'reset' : chatAnswer()));
  expect(sends).toBe(2);
  expect(result?.response?.status_code).toBe(200);
});

it('fails a line whose connection always breaks', async () => {
  const { result, sends } = await runOne(() => 'reset');
  expect(sends).toBe(3);
  expect(result).toMatchObject({ response: null, error: { code: 'engine_unavailable' } });
});

it('gives up on a Request after its timeout', async () => {
  const { result, sends } = await runOne(() => null);
  expect(sends).toBe(3);
  expect(result).toMatchObject({ response: null, error: { code: 'request_timeout' } });
});

it('waits as long as the engine asks for', async () => {
  const rig = agentRig();
  await rig.enrol(['one']);
  await rig.dispatch();
  rig.engine.respondWith(() => ({ ...jsonAnswer(429, refusal), retryAfterMs: 9000 }));
  void rig.start();
  await rig.time.advance(8900);
  expect(rig.engine.sent).toHaveLength(1);
  await rig.time.advance(200);
  expect(rig.engine.sent).toHaveLength(2);
});

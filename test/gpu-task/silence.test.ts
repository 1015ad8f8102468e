import { expect, it } from 'vitest';
import type { EngineAnswer } from '../../core/agent/ports.ts';
import type { Log } from '../../gpu-task/agent/log.ts';
import { agentRig } from './agent-rig.ts';
import { chatAnswer, jsonAnswer } from './fake-engine.ts';

const PROMPT = 'the-prompt';
const RESULT = 'the-result';

/** What an engine makes of a prompt, by how it ends. */
const ENDS: Readonly<Record<string, () => EngineAnswer | 'reset' | 'die' | null>> = {
  answered: () => chatAnswer('stop', RESULT),
  unfinished: () => chatAnswer('abort', RESULT),
  refused: () => jsonAnswer(400, { error: { message: `${RESULT}: ${PROMPT}` } }),
  broken: () => jsonAnswer(500, { error: { message: `${RESULT}: ${PROMPT}` } }),
  garbled: () => ({ statusCode: 200, body: Buffer.from(`${RESULT}: ${PROMPT}`) }),
  reset: () => 'reset',
  unanswered: () => null,
  deadly: () => 'die',
};

/** A log that keeps every word. */
function keptLog() {
  const lines: string[] = [];
  const note = (...words: readonly unknown[]) => void lines.push(JSON.stringify(words));
  const log: Log = {
    info: note,
    warn: note,
    with(fields) {
      note(fields);
      return log;
    },
  };
  return { log, lines };
}

it('logs nothing of a prompt or a result, however a Request ends', async () => {
  const rig = agentRig();
  await rig.enrol(Object.keys(ENDS).map((end) => `${PROMPT}-${end}`));
  await rig.dispatch();
  rig.engine.respondWith((body) => {
    const [, end = ''] = new RegExp(`${PROMPT}-(\\w+)`).exec(body) ?? [];
    return ENDS[end]?.() ?? null;
  });
  const { log, lines } = keptLog();
  void rig.start({ log });
  await rig.time.advance(3_000_000);

  expect(new Set(rig.results().map((line) => line.custom_id))).toHaveLength(Object.keys(ENDS).length);
  expect(lines.filter((line) => line.includes('A Request is tried again.')).length).toBeGreaterThan(0);
  expect(lines.filter((line) => line.includes(PROMPT) || line.includes(RESULT))).toEqual([]);
});

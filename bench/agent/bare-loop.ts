import { Pool } from 'undici';
import type { RunningEngine } from '../../gpu-task/engines/engine.ts';
import { BODIES } from './agent-run.ts';
import { CONCURRENCY } from './engine.ts';

/** As little as a client can do: sends a body, reads the answer's bytes, sends the next. */
export async function bareLoop({ address }: RunningEngine, requests: number): Promise<void> {
  const { origin, socketPath = '' } = address;
  const pool = new Pool(origin, { socketPath, connections: CONCURRENCY, pipelining: 1 });
  let sent = 0;
  async function oneConnection(): Promise<void> {
    for (let i = sent++; i < requests; i = sent++) {
      const answer = await pool.request({
        path: '/v1/chat/completions',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: BODIES[i % BODIES.length] ?? null,
      });
      await answer.body.arrayBuffer();
      if (answer.statusCode !== 200) throw new Error(`The engine answered ${answer.statusCode}.`);
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, oneConnection));
  await pool.close();
}

import { expect, it, vi } from 'vitest';
import { httpEngine } from '../../adapters/engine/http-client.ts';
import type { EngineClient } from '../../core/agent/ports.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import type { EngineAddress } from '../../gpu-task/engines/engine.ts';
import { vllmEngine } from '../../gpu-task/engines/vllm.ts';
import { agentRig, lineBody } from '../gpu-task/agent-rig.ts';
import { cpuEngine } from './cpu-engine.ts';
import { enginesOf } from './processes.ts';

const BAD = 'the-bad-line';
const others = ['a', 'b', 'c'];
const TWO_STARTS_MS = 400_000;

/** What a Request does that the model cannot bear; vLLM's server outlives its EngineCore. */
function killEngineCore(socketPath: string): void {
  const isCore = (name: string): boolean => name.includes('EngineCore');
  for (const { pid, command } of enginesOf(socketPath)) {
    if (command.some(isCore)) process.kill(pid, 'SIGKILL');
  }
}

it(
  'charges the line that ran alone with the death of vLLM’s EngineCore, and no other',
  async () => {
    const config = cpuEngine();
    const rig = agentRig({ engine: config });
    const { model, endpoints } = rig.fleet;
    /** To vLLM's first start, of the lines alone. */
    const sent: string[] = [];
    const answers: number[] = [];
    const addresses: (string | undefined)[] = [];
    const connect = (address: EngineAddress): EngineClient => {
      addresses.push(address.socketPath);
      const client = httpEngine({ ...address, connections: 4 });
      return {
        ...client,
        async send(path, body, signal) {
          const name = [BAD, ...others].find((line) => lineBody(line) === Buffer.from(body).toString());
          if (name !== undefined && address.socketPath === addresses[0]) sent.push(name);
          if (name === BAD) killEngineCore(address.socketPath ?? '');
          const answer = await client.send(path, body, signal);
          if (name === BAD) answers.push(answer.statusCode);
          return answer;
        },
      };
    };
    const common = { config, model, endpoints, env: process.env, time: systemTime, connect };
    await rig.enrol([BAD, ...others]);
    const deaths = [1, 2].map((engineStart) => ({ fence: 0, engineStart }));
    await rig.change(0, (shard) => ({ ...shard, deaths }));
    await rig.dispatch();
    const exit = rig.start({
      ...{ engine: vllmEngine({ ...common, onLine: () => undefined }), connect, time: systemTime },
    });
    await vi.waitUntil(() => rig.results().length > others.length, { timeout: TWO_STARTS_MS, interval: 200 });
    rig.stop({ kind: 'asked', atMs: systemTime.nowMs() });
    rig.hurry();
    expect(await exit).toBe(0);

    // Not a connection that breaks: what died is behind the server.
    expect(answers).toEqual([500]);
    expect(sent).toEqual([BAD]);
    const failed = rig.results().filter(({ response }) => response?.status_code !== 200);
    expect(failed).toMatchObject([{ custom_id: BAD, response: null, error: { code: 'engine_crashed' } }]);
  },
  TWO_STARTS_MS,
);

import { createInterface } from 'node:readline';
import { httpEngine } from '../../adapters/engine/http-client.ts';
import { ENGINE_UID } from '../../core/agent/engine-user.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import { vllmEngine } from '../../gpu-task/engines/vllm.ts';

// Stands for the agent: starts the engine of its arguments, launcher first, says what became of it, and does what it
// is told to: `stop` or `kill`.
const [launcher = '', ...command] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const engine = vllmEngine({
  config: {
    ...{ kind: 'vllm', command: command as [string, ...string[]], model: 'a/model', args: [] },
    ...{ mediaDomains: [], startTimeoutMs: 20_000 },
    env: { STUB_REPORT: process.env['STUB_REPORT'] ?? '', STUB_AGENT: String(process.pid) },
  },
  ...{ model: 'tiny', endpoints: ['/v1/chat/completions'], adapters: [], env: process.env },
  user: { launcher: [launcher], groupId: ENGINE_UID },
  time: systemTime,
  connect: (address) => httpEngine({ ...address, connections: 2 }),
  onLine: say,
});
try {
  const running = await engine.start();
  say(`ready ${running.address.socketPath}`);
  createInterface({ input: process.stdin }).on('line', (word) => {
    if (word === 'stop') void running.stop();
    if (word === 'kill') running.kill();
  });
  await running.exited;
  say('exited');
} catch (error) {
  say(`failed ${(error as Error).message}`);
}
process.exit();

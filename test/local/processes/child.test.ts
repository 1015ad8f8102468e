import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { startChild } from '../../../local/processes/child.ts';
import { isAlive } from '../../processes.ts';

const env = { PATH: process.env['PATH'] ?? '' };

it('reports the exit code and every line that was printed', async () => {
  const lines: string[] = [];
  const child = startChild({
    command: ['sh', '-c', 'echo one; echo two >&2; exit 3'],
    env,
    onLine: (line, stream) => lines.push(`${stream}:${line}`),
  });
  expect(await child.exited).toEqual({ code: 3, signal: null });
  await vi.waitUntil(() => lines.length === 2);
  expect(lines.sort()).toEqual(['stderr:two', 'stdout:one']);
});

it('delivers a signal to the process itself', async () => {
  const child = startChild({ command: ['sleep', '60'], env });
  child.signal('SIGTERM');
  expect(await child.exited).toEqual({ code: null, signal: 'SIGTERM' });
});

it('ends the child and what it started when the parent is killed without notice', async () => {
  const module = new URL('../../../local/processes/child.ts', import.meta.url).href;
  const source = `
    import { startChild } from ${JSON.stringify(module)};
    const onLine = (line) => console.log(line);
    startChild({ command: ['sh', '-c', 'sleep 61 & echo $! $$; wait'], env: { PATH: process.env.PATH }, onLine });
    setInterval(() => {}, 1000);
  `;
  const parent = spawn('node', ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
  const pids = chunk.toString().trim().split(' ').map(Number);
  expect(pids.every(isAlive)).toBe(true);
  parent.kill('SIGKILL');
  await vi.waitUntil(() => !pids.some(isAlive), { timeout: 5_000 });
});

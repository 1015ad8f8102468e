import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SimulatedSettings } from '../../gpu-task/engines/simulated/settings.ts';

const PROGRAM = join(import.meta.dirname, '../../gpu-task/simulated-engine.ts');

export interface TcpEngine {
  /** Up to and including the version. */
  readonly baseUrl: string;
  readonly close: () => void;
}

/** The simulated engine as a server that is there already, on a free port. */
export async function startTcpEngine(settings: Omit<SimulatedSettings, 'listen'>): Promise<TcpEngine> {
  const child = spawn(process.execPath, [PROGRAM], {
    env: { SIMULATED_ENGINE: JSON.stringify({ ...settings, listen: { port: 0 } }) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { port } = JSON.parse(line) as { port: number };
  return { baseUrl: `http://127.0.0.1:${port}/v1`, close: () => void child.kill('SIGKILL') };
}

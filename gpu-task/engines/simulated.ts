import { type ChildProcess, spawn } from 'node:child_process';
import type { AgentTime, EngineClient } from '../../core/agent/ports.ts';
import type { Engine, EngineAddress, RunningEngine } from './engine.ts';
import { engineSocket } from './engine-socket.ts';
import type { SimulatedSettings } from './simulated/settings.ts';
import { untilReady } from './until-ready.ts';

export interface SimulatedEngineOptions {
  /** The program: `simulated-engine.mjs`, or its source. */
  readonly program: string;
  readonly settings: Omit<SimulatedSettings, 'listen'>;
  /** All that the process gets of the environment, beside its settings: an engine sees no credentials. */
  readonly env: Readonly<Record<string, string>>;
  readonly time: AgentTime;
  readonly readyTimeoutMs: number;
  readonly connect: (address: EngineAddress) => EngineClient;
}

const KILL_AFTER_MS = 5000;

/** Starts the simulated engine as a process that listens on a unix socket and ends with this one. */
export function simulatedEngine(options: SimulatedEngineOptions): Engine {
  let starts = 0;
  return {
    async start(signal) {
      const engineStart = ++starts;
      const socket = engineSocket();
      const socketPath = socket.path;
      const child = spawnEngine(options, socketPath);
      const exited = exitOf(child).finally(socket.remove);
      const running = runningEngine({ child, exited, engineStart, socketPath, time: options.time });
      const client = options.connect(running.address);
      try {
        const { time, readyTimeoutMs: timeoutMs } = options;
        await untilReady(client, { time, timeoutMs, exited, signal });
        return running;
      } catch (error) {
        running.kill();
        throw error;
      } finally {
        await client.close();
      }
    },
  };
}

/** In a process group of its own, so that a signal to the agent's group reaches the agent alone. */
function spawnEngine(options: SimulatedEngineOptions, socketPath: string): ChildProcess {
  const settings: SimulatedSettings = { ...options.settings, listen: { socketPath } };
  return spawn(process.execPath, [options.program], {
    env: { ...options.env, SIMULATED_ENGINE: JSON.stringify(settings) },
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
}

function exitOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
}

function runningEngine(engine: {
  readonly child: ChildProcess;
  readonly exited: Promise<void>;
  readonly engineStart: number;
  readonly socketPath: string;
  readonly time: AgentTime;
}): RunningEngine {
  const { child, exited, engineStart, socketPath, time } = engine;
  const kill = (): void => void child.kill('SIGKILL');
  return {
    address: { origin: 'http://engine', basePath: '/v1', socketPath },
    engineStart,
    exited,
    kill,
    async stop() {
      child.kill('SIGTERM');
      const patience = new AbortController();
      await Promise.race([exited, time.sleep(KILL_AFTER_MS, patience.signal)]);
      patience.abort();
      kill();
      await exited;
    },
  };
}

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ENGINE_UID } from '../../core/agent/engine-user.ts';
import { type EngineProcess, startEngineProcess } from '../../gpu-task/engines/engine-process.ts';
import { engineSocket } from '../../gpu-task/engines/engine-socket.ts';
import { engineUserOf } from '../../gpu-task/engines/engine-user.ts';
import { groupOf, isAlive } from '../processes.ts';
import { textsOf } from './dockerfile.ts';

const STUB = join(import.meta.dirname, 'stub-vllm.ts');
const OWNER = join(import.meta.dirname, 'engine-owner.ts');
const AS_ENGINE = join(import.meta.dirname, '../../gpu-task/as-engine.sh');

interface Seen {
  readonly pids: readonly number[];
  readonly mayReadAgent: boolean;
  readonly maySignalAgent: boolean;
}

let folder: string;
let report: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slackline-test-'));
  report = join(folder, 'report.json');
});
afterEach(() => rmSync(folder, { recursive: true }));
const seen = (): Seen => JSON.parse(readFileSync(report, 'utf8')) as Seen;

function script(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}

describe('a launcher', () => {
  let engine: EngineProcess | undefined;
  afterEach(async () => {
    engine?.kill();
    await engine?.exited;
    engine = undefined;
  });
  function start(launcher: string): void {
    const command = [process.execPath, STUB, '--uds', join(folder, 's')] as const;
    const env = { PATH: process.env['PATH'] ?? '', STUB_REPORT: report };
    engine = startEngineProcess({ launcher: [launcher], command, env, onLine: () => undefined });
  }

  it('starts all of an engine’s group: its program, what that starts, and the watcher', async () => {
    start(script('launcher', '#!/bin/sh\nLAUNCHED=1 exec "$@"\n'));
    await vi.waitUntil(() => existsSync(join(folder, 's')), { timeout: 20_000 });
    const { pids } = seen();
    const group = groupOf(pids[0] ?? 0);
    expect(group.length).toBe(pids.length + 1);
    expect(group.filter(({ environment }) => !environment.includes('LAUNCHED=1'))).toEqual([]);

    engine?.kill();
    await engine?.exited;
    expect(group.map(({ pid }) => pid).filter(isAlive)).toEqual([]);
  });

  it('that cannot become the engine’s user starts nothing: the engine is not run as ours instead', async () => {
    start(AS_ENGINE);
    await engine?.exited;
    expect(existsSync(report)).toBe(false);
  });

  it('is used only where the environment names one', () => {
    expect(engineUserOf({})).toBeNull();
    expect(engineUserOf({ ENGINE_LAUNCHER: '/as' })).toEqual({ launcher: ['/as'], groupId: ENGINE_UID });
  });
});

describe('the folder of an engine’s socket', () => {
  const modeOf = (path: string): number => statSync(dirname(path)).mode & 0o7777;

  it('lets the engine’s group make the socket in it, and nobody else in', () => {
    const groupId = process.getuid?.() === 0 ? ENGINE_UID : (process.getgid?.() ?? 0);
    const socket = engineSocket(groupId);
    expect(modeOf(socket.path)).toBe(0o770);
    expect(statSync(dirname(socket.path)).gid).toBe(groupId);
    socket.remove();
    expect(existsSync(dirname(socket.path))).toBe(false);
  });

  it('is ours alone where the engine is', () => {
    const socket = engineSocket();
    expect(modeOf(socket.path)).toBe(0o700);
    socket.remove();
  });
});

/** As the container has it: its bounding set is what the task definition leaves, and nothing is in use. */
const AS_AGENT = [
  ...['--reuid', '10001', '--regid', '10001', '--groups', String(ENGINE_UID)],
  ...['--inh-caps=-all', '--bounding-set=-all,+setuid,+setgid', '--'],
];

/** Null where it can. */
function whyNotStartOthers(): string | null {
  if (process.getuid?.() !== 0) return 'only root can become the image’s users';
  if (spawnSync('setcap', ['-h']).error !== undefined) return 'setcap is not installed';
  const reads = spawnSync('setpriv', [...AS_AGENT, process.execPath, '--check', STUB]);
  return reads.status === 0 ? null : 'setpriv is not installed, or other users may not read this source tree';
}

const whyNot = whyNotStartOthers();
if (whyNot !== null) {
  it(`is not tested with an engine of the image’s user: ${whyNot}`, () => {
    const required = 'SLACKLINE_REQUIRE_ENGINE_USER';
    expect(process.env[required], `${required} asks for these tests, and ${whyNot}.`).toBeUndefined();
  });
} else {
  describe('an engine of the image’s user, started by an agent of the image’s other user', () => {
    let owner: ChildProcess;
    let lines: string[];
    beforeEach(async () => {
      // The engine writes its report.
      chmodSync(folder, 0o777);
      lines = [];
      owner = spawn(
        'setpriv',
        [...AS_AGENT, process.execPath, OWNER, launcherOfImage(), process.execPath, STUB],
        {
          env: {
            PATH: process.env['PATH'],
            TMPDIR: folder,
            LD_LIBRARY_PATH: folder,
            STUB_REPORT: report,
            AWS_SECRET_ACCESS_KEY: 'secret',
          },
          stdio: ['pipe', 'pipe', 'inherit'],
        },
      );
      if (owner.stdout !== null) {
        createInterface({ input: owner.stdout }).on('line', (line) => lines.push(line));
      }
      await vi.waitUntil(() => lines.some((line) => /^(ready|failed) /.test(line)), { timeout: 20_000 });
      expect(lines.filter((line) => line.startsWith('failed'))).toEqual([]);
    });
    afterEach(() => void owner.kill('SIGKILL'));

    const leader = (): number => seen().pids[0] ?? 0;

    it('has no capability and gains none, and can neither read nor signal the agent', () => {
      const group = groupOf(leader());
      expect(group.length).toBe(3);
      for (const process of group) {
        for (const name of ['Uid', 'Gid']) {
          expect(process.field(name).split('\t')).toEqual(Array(4).fill(String(ENGINE_UID)));
        }
        expect(process.field('Groups')).toBe('');
        for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) {
          expect(process.field(name)).toMatch(/^0+$/);
        }
        expect(process.field('NoNewPrivs')).toBe('1');
        expect(process.environment.filter((pair) => pair.startsWith('AWS_'))).toEqual([]);
        for (const name of ['HOME', 'TMPDIR', 'LD_LIBRARY_PATH']) {
          expect(process.environment).toContain(`${name}=${folder}`);
        }
      }
      expect(seen()).toMatchObject({ mayReadAgent: false, maySignalAgent: false });
    });

    it('is told to stop, and killed when it does not, by an agent that may not signal it', async () => {
      const pids = groupOf(leader()).map(({ pid }) => pid);
      owner.stdin?.write('stop\n');
      await vi.waitUntil(() => lines.includes('exited'), { timeout: 20_000 });
      expect(lines).toContain('(APIServer pid=1) INFO 01-01 00:00:00 [stub.py:9] (text withheld)');
      expect(pids.filter(isAlive)).toEqual([]);
    });

    it('ends with the agent, even where that is killed', async () => {
      const pids = groupOf(leader()).map(({ pid }) => pid);
      owner.kill('SIGKILL');
      await vi.waitUntil(() => !pids.some(isAlive), { timeout: 10_000 });
    });
  });
}

/** The image's launcher, and what it needs, made as the Dockerfile makes them, in our folder. */
function launcherOfImage(): string {
  const setpriv = join(folder, 'setpriv');
  copyFileSync(execFileSync('which', ['setpriv'], { encoding: 'utf8' }).trim(), setpriv);
  chownSync(setpriv, 0, 10_001);
  chmodSync(setpriv, 0o750);
  const [, capabilities = ''] = /setcap (\S+) /.exec(textsOf('RUN').join(' ')) ?? [];
  execFileSync('setcap', [capabilities, setpriv]);
  const text = readFileSync(AS_ENGINE, 'utf8');
  const moved = text.replace('/usr/local/libexec/setpriv', setpriv).replace('/var/lib/engine', folder);
  return script('as-engine.sh', moved);
}

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { VllmHome } from '../../scripts/vllm-cpu/home.ts';
import { IMAGE_COMMAND, lastOf, textsOf } from '../gpu-task/dockerfile.ts';
import { livingProcesses, type ProcessFacts } from '../processes.ts';

/**
 * A copy of this machine's root, in memory, that no other process sees and that goes with the last one in it: in it
 * the Dockerfile's users and files can be made. Its arguments: the folder to make it in, what is to be its /app and
 * its /tmp, what nobody shall read in it, and a program.
 */
const OWN_ROOT = `
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
for each in proc sys dev; do mount --rbind "/$each" "$1/root/$each"; done
mkdir "$1/root/app"
mount --bind "$2" "$1/root/app"
mount --bind "$3" "$1/root/tmp"
mount -t tmpfs -o mode=0 tmpfs "$1/root$4"
root=$1/root
shift 4
exec chroot "$root" "$@"`;

/** What the task definition leaves a container; its groups are those that the image gives its user. */
const AS_AGENT = ['--init-groups', '--inh-caps=-all', '--bounding-set=-all,+setuid,+setgid'];

export interface TaskContainer {
  /** Starts the agent as the image does, but for its Node. */
  command(): readonly [string, ...string[]];
  /** What PATH is in it. */
  readonly path: string;
  /** Its /tmp. */
  readonly tmp: string;
  /** Why this machine cannot have it; null where it can. */
  whyNot(): string | null;
}

/** The container of a GPU task in place of a container runtime: the Dockerfile, on this machine instead of its base. */
export function taskContainer(home: VllmHome, folder: string): TaskContainer {
  const [root, tmp, app] = [join(folder, 'root'), join(folder, 'tmp'), join(folder, 'image', 'app')];
  for (const path of [root, tmp, app]) mkdirSync(path, { recursive: true });
  chmodSync(tmp, 0o1777);
  const path = `${dirname(home.vllm)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  const inside = (...program: readonly string[]): [string, ...string[]] => [
    ...(['unshare', '--mount', 'sh', '-euc', OWN_ROOT, 'sh', root, app, tmp, home.tinyModel] as const),
    ...program,
  ];
  const agent = [process.execPath, ...IMAGE_COMMAND.slice(1)];
  return {
    ...{ path, tmp },
    command: () => inside('sh', '-euc', dockerfileScript(home), 'sh', ...agent),
    whyNot() {
      if (process.getuid?.() !== 0) return 'only root can become the image’s users';
      // Kernels for the CPU are compiled by the machine's own compiler.
      const needed = `type setcap setpriv useradd g++ && test -x ${process.execPath} && test -x ${home.python}`;
      const [program, ...args] = inside('sh', '-euc', needed);
      const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env: { PATH: path } });
      if (status === 0) return null;
      return `a copy of the root, or what the image has, cannot be made: ${error?.message ?? stderr.trim()}`;
    },
  };
}

/** What the Dockerfile runs, but for what gets packages or looks for them; then a program as its USER, in WORKDIR. */
function dockerfileScript(home: VllmHome): string {
  const runs = textsOf('RUN').map((text) =>
    text
      .split('&&')
      .filter((part) => !/^\s*(apt-get|rm|python3) /.test(part))
      .join('&&'),
  );
  const user = lastOf('USER');
  return [
    ...closedAbove([home.python, process.execPath]).map((path) => `chmod o+x "${path}"`),
    ...runs,
    `cd ${lastOf('WORKDIR')}`,
    `exec setpriv --reuid ${user} --regid ${user} ${AS_AGENT.join(' ')} -- "$@"`,
  ].join('\n');
}

/** The folders that keep other users from a program of ours; the image has it where all may read it. */
function closedAbove(programs: readonly string[]): readonly string[] {
  const above = (path: string): readonly string[] =>
    path === '/' ? [] : [...above(dirname(path)), dirname(path)];
  const all = programs.flatMap((program) => [program, realpathSync(program)]).flatMap(above);
  return [...new Set(all)].filter((path) => (statSync(path).mode & 0o001) === 0);
}

/** Names the container that a process is in, which no process without capabilities can leave. */
export const containerOf = (pid: number): string => readlinkSync(`/proc/${pid}/ns/mnt`);

export const processesIn = (container: string): readonly ProcessFacts[] =>
  livingProcesses().filter(({ pid }) => {
    try {
      return containerOf(pid) === container;
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });

import { readdirSync, readFileSync } from 'node:fs';

export interface EngineProcessFacts {
  readonly pid: number;
  readonly environment: string;
}

/**
 * The living processes of the group that `vllm serve` leads, itself first; of the one that has `mark` among its
 * arguments or in its environment. Linux only.
 */
export function enginesOf(mark: string): readonly EngineProcessFacts[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? factsOf(Number(name)) : []));
  const server = all.find(
    ({ pid, group, command, environment }) =>
      pid === group &&
      command.includes('serve') &&
      [...command, environment].some((text) => text.includes(mark)),
  );
  if (server === undefined) return [];
  const others = all.filter(({ group, pid }) => group === server.group && pid !== server.pid);
  return [server, ...others];
}

/** Zombies are not. */
export const isAlive = (pid: number): boolean => factsOf(pid).length > 0;

function factsOf(pid: number) {
  try {
    const read = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');
    // Behind the name, which may hold anything: state, parent, group.
    const [state, , group] = read('stat')
      .replace(/^.*\) /s, '')
      .split(' ');
    if (state === 'Z') return [];
    const command = read('cmdline').split('\0');
    return [{ pid, group: Number(group), command, environment: read('environ') }];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

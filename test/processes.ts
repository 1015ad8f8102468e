import { readdirSync, readFileSync } from 'node:fs';

/** What Linux shows of a process. */
export interface ProcessFacts {
  readonly pid: number;
  readonly group: number;
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly environment: readonly string[];
  /** A field of its status, such as `Uid`. */
  field(name: string): string;
}

/** The living processes; zombies are not. */
export const livingProcesses = (): readonly ProcessFacts[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => factsOf(Number(name)));

export const groupOf = (leader: number): readonly ProcessFacts[] =>
  livingProcesses().filter(({ group }) => group === leader);

export const isAlive = (pid: number): boolean => factsOf(pid).length > 0;

function factsOf(pid: number): readonly ProcessFacts[] {
  try {
    const read = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');
    // Behind the name, which may hold anything: state, parent, group.
    const [state, , group] = read('stat')
      .replace(/^.*\) /s, '')
      .split(' ');
    if (state === 'Z' || state === 'X') return [];
    const [status, command, environment] = [
      read('status'),
      read('cmdline').split('\0'),
      read('environ').split('\0'),
    ];
    const field = (name: string): string => new RegExp(`^${name}:(.*)$`, 'm').exec(status)?.[1]?.trim() ?? '';
    return [{ pid, group: Number(group), command, environment, field }];
  } catch {
    // It has ended meanwhile, or is nothing that we may look at.
    return [];
  }
}

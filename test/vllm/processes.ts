import { groupOf, livingProcesses, type ProcessFacts } from '../processes.ts';

/**
 * The living processes of the group that `vllm serve` leads, itself first; of the one that has `mark` among its
 * arguments or in its environment. Linux only.
 */
export function enginesOf(mark: string): readonly ProcessFacts[] {
  const server = livingProcesses().find(
    ({ pid, group, command, environment }) =>
      pid === group &&
      command.includes('serve') &&
      [...command, ...environment].some((text) => text.includes(mark)),
  );
  if (server === undefined) return [];
  return [server, ...groupOf(server.group).filter(({ pid }) => pid !== server.pid)];
}

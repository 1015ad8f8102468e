import type { Child } from './child.ts';

/** Asks a process to end, and kills its group where it has not within the limit. */
export async function stopChild(child: Child, limitMs: number): Promise<void> {
  child.signal('SIGTERM');
  const kill = setTimeout(() => child.killGroup(), limitMs);
  await child.exited;
  clearTimeout(kill);
}

import { readFile } from 'node:fs/promises';

const MS_PER_SECOND = 1000;

/** When the machine booted, which a container sees as its host does; null where there is no /proc. */
export async function bootTimeMs(file = '/proc/stat'): Promise<number | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const seconds = /^btime (\d+)$/m.exec(text)?.[1];
  return seconds === undefined ? null : Number(seconds) * MS_PER_SECOND;
}

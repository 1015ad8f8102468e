import type { ChosenFiles, PullListener } from '../../core/models/ports.ts';
import type { RepositoryFile } from '../../core/models/repository-file.ts';
import type { Clock } from '../../core/ports.ts';

const EVERY_MS = 5000;
const SHOWN_LEFT_OUT = 10;

/** Tells a pull in lines: what is fetched, each file that is there, and every few seconds how far it is. */
export function pullProgress(clock: Clock, say: (line: string) => void): PullListener {
  let [leftBytes, totalBytes, receivedBytes] = [0, 0, 0];
  let [startedAtMs, toldAtMs] = [0, 0];
  const rate = (): number => receivedBytes / Math.max(1, clock.nowMs() - startedAtMs);
  return {
    chosen(pull) {
      totalBytes = sum(pull.files);
      leftBytes = totalBytes;
      startedAtMs = clock.nowMs();
      toldAtMs = startedAtMs;
      for (const line of chosenLines(pull)) say(line);
    },
    received(bytes) {
      receivedBytes += bytes;
      leftBytes -= bytes;
      if (clock.nowMs() - toldAtMs < EVERY_MS) return;
      toldAtMs = clock.nowMs();
      const done = `${gigabytes(totalBytes - leftBytes)} of ${gigabytes(totalBytes)} GB`;
      say(`${done}, ${(rate() / 1000).toFixed(0)} MB/s, ${duration(leftBytes / rate())} left`);
    },
    settled({ path, bytes }, outcome) {
      if (outcome === 'kept') leftBytes -= bytes;
      say(outcome === 'kept' ? `${path}: there already` : `${path}: stored, ${size(bytes)}`);
    },
  };
}

function chosenLines({ repository, commit, files, leftOut }: ChosenFiles): readonly string[] {
  const shown = leftOut.slice(0, SHOWN_LEFT_OUT).map(({ path, why }) => `left out: ${path} (${why})`);
  const more = leftOut.length - shown.length;
  return [
    `${repository} at ${commit}: ${files.length} files, ${size(sum(files))}`,
    ...shown,
    ...(more > 0 ? [`left out: ${more} more files for the same reasons`] : []),
  ];
}

const sum = (files: readonly RepositoryFile[]): number =>
  files.reduce((bytes, file) => bytes + file.bytes, 0);

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);

function size(bytes: number): string {
  if (bytes >= 1e9) return `${gigabytes(bytes)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}

const duration = (ms: number): string =>
  ms > 90_000 ? `${Math.round(ms / 60_000)} min` : `${Math.ceil(ms / 1000)} s`;

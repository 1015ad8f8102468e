/** Runs jobs in order, at most `depth` at a time, and yields their results in that order. The first failure throws. */
export async function* readAhead<T>(
  jobs: Iterable<() => Promise<T>> | AsyncIterable<() => Promise<T>>,
  depth: number,
): AsyncGenerator<T> {
  const started: Promise<T>[] = [];
  for await (const job of jobs) {
    const running = job();
    // Whoever awaits it sees the failure; until then it must not count as unhandled.
    running.catch(() => {});
    started.push(running);
    const first = started.length >= depth ? started.shift() : undefined;
    if (first !== undefined) yield await first;
  }
  for (const running of started) yield await running;
}

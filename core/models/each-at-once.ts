export interface AtOnce {
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** Runs over items in order, at most `limit` at once. The first failure stops the others by their signal and is thrown. */
export async function eachAtOnce<T>(
  items: readonly T[],
  { limit, signal }: AtOnce,
  run: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const stopped = AbortSignal.any([signal, failed.signal]);
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) {
      if (stopped.aborted) return;
      await run(item, stopped).catch((error: unknown) => failed.abort(error));
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  stopped.throwIfAborted();
}

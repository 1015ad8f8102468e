/** Calls to the record and object store in flight at once, for one Batch: well below what SDK sockets allow. */
const AT_ONCE = 16;

/** Maps in order, some at once; the first failure fails the whole once those in flight have ended. */
export async function mapSome<T, R>(
  items: readonly T[],
  map: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(i, i + AT_ONCE).map(map))));
  }
  return results;
}

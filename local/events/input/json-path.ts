/** Reads `$`, `$.detail.id` or `$.resources[0]` from an event; undefined where nothing stands there. */
export function readPath(event: unknown, path: string): unknown {
  if (!/^\$(\.[\w-]+|\[\d+\])*$/.test(path)) {
    throw new Error(`${path}: the local stack reads paths of the forms $.detail.id and $.resources[0] only.`);
  }
  let value = event;
  for (const key of path.match(/[\w-]+/g) ?? []) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

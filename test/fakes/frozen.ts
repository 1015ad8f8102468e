/** Copies of records that were made here, so that a record which is handed on again is not copied again. */
const made = new WeakSet<object>();

/** A deep copy of plain data (what JSON can hold) that nobody can change; fields that are undefined fall away. */
export function frozenCopy<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || made.has(value)) return value;
  const copied = Array.isArray(value)
    ? value.map(copy)
    : Object.fromEntries(
        Object.entries(value).flatMap(([name, field]) => (field === undefined ? [] : [[name, copy(field)]])),
      );
  made.add(Object.freeze(copied));
  return copied;
}

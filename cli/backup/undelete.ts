import { OBJECT_ROOTS } from '../../core/keys.ts';
import type { ObjectVersions } from '../../core/retention/ports.ts';

/** Brings back what was deleted since an instant and is still kept as a version; answers how many objects. */
export async function undelete(versions: ObjectVersions, sinceMs: number): Promise<number> {
  let objects = 0;
  for (const root of Object.values(OBJECT_ROOTS)) {
    for await (const page of versions.list(root)) {
      const markers = page.filter(
        ({ isLatest, isDeleteMarker, storedAtMs }) => isLatest && isDeleteMarker && storedAtMs >= sinceMs,
      );
      await versions.remove(markers);
      objects += markers.length;
    }
  }
  return objects;
}

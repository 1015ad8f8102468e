import type { Clock } from '../../core/ports.ts';
import type { ObjectVersion, ObjectVersions, UnfinishedUpload } from '../../core/retention/ports.ts';

export interface MemoryVersions extends ObjectVersions {
  put(key: string): void;
  /** As S3 does: a marker on top, and all versions stay. */
  markDeleted(key: string): void;
  begin(key: string): void;
  all(): readonly ObjectVersion[];
  uploads(): readonly UnfinishedUpload[];
}

const PAGE = 2;

/** A bucket that keeps every version, in memory. */
export function memoryVersions(clock: Clock): MemoryVersions {
  let versions: Omit<ObjectVersion, 'isLatest'>[] = [];
  let uploads: UnfinishedUpload[] = [];
  let made = 0;
  const add = (key: string, isDeleteMarker: boolean): void => {
    versions.push({ key, versionId: `v${++made}`, isDeleteMarker, storedAtMs: clock.nowMs() });
  };
  const all = (): ObjectVersion[] =>
    versions.map((version) => ({
      ...version,
      isLatest: versions.findLast(({ key }) => key === version.key) === version,
    }));
  return {
    all,
    uploads: () => uploads,
    put: (key) => add(key, false),
    markDeleted: (key) => add(key, true),
    begin: (key) => void uploads.push({ key, uploadId: `u${++made}` }),
    async *list(prefix) {
      const listed = all().filter(({ key }) => key.startsWith(prefix));
      for (let i = 0; i < listed.length; i += PAGE) yield listed.slice(i, i + PAGE);
    },
    async remove(removed) {
      const isRemoved = ({ versionId }: Pick<ObjectVersion, 'versionId'>) =>
        removed.some((one) => one.versionId === versionId);
      versions = versions.filter((version) => !isRemoved(version));
    },
    async *unfinished(prefix) {
      yield uploads.filter(({ key }) => key.startsWith(prefix));
    },
    async abort({ uploadId }) {
      uploads = uploads.filter((upload) => upload.uploadId !== uploadId);
    },
  };
}

import type { StoredFile } from '../../core/batch/file.ts';
import { isLive } from '../../core/batch/file-life.ts';
import type { FileId, TenantId } from '../../core/ids.ts';
import { recordKeys } from '../../core/keys.ts';
import { listFilesQuery, toFileObject } from '../../core/wire/file.ts';
import { pageOf } from '../../core/wire/list.ts';
import { parseFields } from '../../core/wire/parse-fields.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import type { FilesDeps } from './deps.ts';

/** A File record has some 400 bytes, and a page of the store 1 MB. */
const READ_AT_ONCE = 2500;

/** `GET /v1/files`, in order of creation. */
export const listFiles =
  (deps: FilesDeps): ApiHandler =>
  async ({ tenant, query }) => {
    const { purpose, order, after, limit } = parseFields(listFilesQuery, query);
    const nowMs = deps.clock.nowMs();
    const isListed = (file: StoredFile): boolean =>
      isLive(file, nowMs) && (purpose === undefined || file.purpose === purpose);
    const files: StoredFile[] = [];
    for await (const some of inOrder(deps, tenant, { order, after, limit })) {
      files.push(...some.filter(isListed));
      if (files.length > limit) break;
    }
    return json(pageOf(files.map(toFileObject), limit));
  };

interface Reading {
  readonly order: 'asc' | 'desc';
  readonly after?: string | undefined;
  readonly limit: number;
}

/** The filter may leave out any number of Files, so more is read until the page is full. */
async function* inOrder(
  { records }: FilesDeps,
  tenant: TenantId,
  { order, after, limit }: Reading,
): AsyncGenerator<readonly StoredFile[]> {
  const count = Math.min(limit + 1, READ_AT_ONCE);
  let last = after;
  for (;;) {
    const some = await records.query(recordKeys.files(tenant), {
      descending: order === 'desc',
      limit: count,
      ...(last === undefined ? {} : { afterSk: recordKeys.file(tenant, last as FileId).sk }),
    });
    yield some;
    if (some.length < count) return;
    last = some.at(-1)?.id;
  }
}

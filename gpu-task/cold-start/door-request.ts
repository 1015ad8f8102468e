import type { IncomingMessage } from 'node:http';
import type { ModelManifest } from '../../core/models/manifest.ts';

/** What the weights door serves, and to whom. */
export interface DoorTerms {
  readonly bucket: string;
  /** Before the path of each file; ends with a slash. */
  readonly folder: string;
  readonly files: ModelManifest['files'];
  readonly accessKey: string;
}

interface StoredFile {
  readonly key: string;
  readonly bytes: number;
}
export type DoorRequest =
  | { readonly kind: 'refused'; readonly statusCode: number; readonly code: string }
  | { readonly kind: 'list'; readonly prefix: string; readonly objects: readonly StoredFile[] }
  | ({ readonly kind: 'head' | 'get' } & StoredFile);

/** What a request at the door asks for: objects and lists of one bucket, by path, as S3 has them. */
export function readDoorRequest(
  { method, url = '', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  { bucket, folder, files, accessKey }: DoorTerms,
): DoorRequest {
  if (!headers.authorization?.includes(`Credential=${accessKey}/`)) return refused(403, 'AccessDenied');
  if (method !== 'GET' && method !== 'HEAD') return refused(405, 'MethodNotAllowed');
  // The streamer sends the whole URL, as to a proxy.
  const at = URL.parse(url, 'http://door');
  if (at === null) return refused(400, 'InvalidURI');
  const stored = files.map((file) => ({ key: folder + file.path, bytes: file.bytes }));
  if (at.pathname.replace(/\/$/, '') === `/${bucket}`) return list(stored, at.searchParams);
  const object = stored.find(({ key }) => `/${bucket}/${key}` === decoded(at.pathname));
  if (object === undefined) return refused(404, 'NoSuchKey');
  return { kind: method === 'GET' ? 'get' : 'head', ...object };
}

function list(stored: readonly StoredFile[], query: URLSearchParams): DoorRequest {
  if (query.get('list-type') !== '2') return refused(501, 'NotImplemented');
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const isListed = ({ key }: StoredFile): boolean =>
    key.startsWith(prefix) && (delimiter === '' || !key.slice(prefix.length).includes(delimiter));
  return { kind: 'list', prefix, objects: stored.filter(isListed) };
}

const refused = (statusCode: number, code: string): DoorRequest => ({ kind: 'refused', statusCode, code });

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

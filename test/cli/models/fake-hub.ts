import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { listen } from '../../../local/aws-json/listen.ts';

export interface FakeFile {
  readonly path: string;
  readonly body: Buffer;
  /** Kept apart, at the other origin, and known by its SHA-256. */
  readonly large?: boolean;
}

export interface FakeRepository {
  readonly name: string;
  readonly commit: string;
  readonly files: readonly FakeFile[];
  /** Tokens that may read it. @default - everyone may */
  readonly readers?: readonly string[];
}

type Fault =
  | { readonly kind: 'break'; readonly afterBytes: number }
  | { readonly kind: 'stall'; readonly afterBytes: number }
  | { readonly kind: 'whole-again' }
  | { readonly kind: 'busy' };

export interface Seen {
  readonly url: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

const FILES_A_PAGE = 2;

/** The hub's HTTP API, and beside it, at another origin, the store that it sends clients to for large files. */
export async function fakeHub(...repositories: readonly FakeRepository[]) {
  const seen = { hub: [] as Seen[], store: [] as Seen[] };
  const faults = new Map<string, Fault[]>();
  const stalled: string[] = [];
  const swaps = new Map<Buffer, Buffer>();
  /** The fault of a path that is due next. */
  const takeFault = (path: string): Fault | undefined => faults.get(path)?.shift();

  const send = (request: IncomingMessage, response: ServerResponse, { path, ...file }: FakeFile) => {
    const body = swaps.get(file.body) ?? file.body;
    const fault = takeFault(path);
    if (fault?.kind === 'busy') {
      end(response, 503, {});
      return;
    }
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const from = fault?.kind === 'whole-again' ? 0 : start;
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length - from });
    if (fault?.kind !== 'break' && fault?.kind !== 'stall') {
      response.end(body.subarray(from));
      return;
    }
    response.write(body.subarray(from, from + fault.afterBytes), () => {
      if (fault.kind === 'break') response.destroy();
      else stalled.push(path);
    });
  };

  const store = await serve(seen.store, (request, response) => {
    const url = new URL(request.url ?? '', 'http://store');
    const all = repositories.flatMap(({ files }) => files);
    const file = all.find(({ body }) => `/${sha256(body)}` === url.pathname);
    if (file !== undefined && url.searchParams.has('Signature')) send(request, response, file);
    else end(response, 403, {});
  });

  const hub = await serve(seen.hub, (request, response) => {
    const url = new URL(request.url ?? '', 'http://hub');
    const repository = repositories.find(({ name }) => url.pathname.includes(`/${name}/`));
    if (repository === undefined) return end(response, 401, { 'x-error-code': 'RepoNotFound' });
    const rest = url.pathname.slice(
      url.pathname.indexOf(`/${repository.name}/`) + repository.name.length + 2,
    );
    const [what, revision = '', ...path] = rest.split('/').map(decodeURIComponent);
    if (!['main', repository.commit].includes(revision)) {
      return end(response, 404, { 'x-error-code': 'RevisionNotFound' });
    }
    if (what === 'revision') return end(response, 200, {}, { id: repository.name, sha: repository.commit });
    if (what === 'tree') return answerTree(response, repository, url);
    const file = fileOf(repository, path.join('/'), request.headers.authorization?.replace('Bearer ', ''));
    if ('status' in file) return end(response, file.status, { 'x-error-code': file.code });
    if (file.large !== true) return send(request, response, file);
    end(response, 302, { location: `${store.url}/${sha256(file.body)}?Signature=secret` });
  });

  return {
    url: hub.url,
    seen,
    stalled,
    /** Sends other bytes than those that are listed. */
    swap: (listed: Buffer, sent: Buffer) => void swaps.set(listed, sent),
    /** What goes wrong with a path's next answers, in order. */
    fail: (path: string, ...next: readonly Fault[]) => void faults.set(path, [...next]),
  };
}

async function serve(seen: Seen[], answer: RequestListener) {
  const server = await listen((request, response) => {
    const { range, authorization } = request.headers;
    seen.push({ url: request.url ?? '', range, authorization });
    answer(request, response);
  });
  onTestFinished(() => server.close());
  return server;
}

/** By pages; the links name the hub's own host, as behind a mirror. */
function answerTree(response: ServerResponse, repository: FakeRepository, url: URL): void {
  const start = Number(url.searchParams.get('cursor') ?? 0);
  const stop = start + FILES_A_PAGE;
  const entries = [
    { type: 'directory', path: 'folder', size: 0, oid: '0' },
    ...repository.files.map(entryOf),
  ];
  const next = `<https://huggingface.co${url.pathname}?recursive=true&cursor=${stop}>; rel="next"`;
  end(response, 200, stop < entries.length ? { link: next } : {}, entries.slice(start, stop));
}

function entryOf({ path, body, large }: FakeFile) {
  const entry = { type: 'file', path, size: body.length };
  if (large !== true) {
    const git = createHash('sha1').update(`blob ${body.length}\0`).update(body).digest('hex');
    return { ...entry, oid: git };
  }
  return { ...entry, oid: 'f'.repeat(40), lfs: { oid: sha256(body), size: body.length, pointerSize: 134 } };
}

interface Refusal {
  readonly status: number;
  readonly code: string;
}

function fileOf(
  { readers, files }: FakeRepository,
  path: string,
  token: string | undefined,
): FakeFile | Refusal {
  if (readers !== undefined && !readers.includes(token ?? '')) {
    return { status: token === undefined ? 401 : 403, code: 'GatedRepo' };
  }
  return files.find((file) => file.path === path) ?? { status: 404, code: 'EntryNotFound' };
}

function end(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown = {},
): void {
  response.writeHead(status, headers).end(JSON.stringify(body));
}

export const sha256 = (body: Buffer): string => createHash('sha256').update(body).digest('hex');

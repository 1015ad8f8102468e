import { describeRefusal } from '../../core/models/hub-refusal.ts';

export interface HubOptions {
  /** `https://huggingface.co`, or a mirror that speaks the same API. */
  readonly baseUrl: string;
  readonly token: string | undefined;
  /** Resolves after a while, or rejects when the signal says so. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface HubRequest {
  /** Below the base URL, with its query. */
  readonly path: string;
  readonly repository: string;
  readonly revision: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** The hub said no, and would again. */
export class HubRefused extends Error {}

/** The hub, or what it sends us to, may answer later. */
export class HubBusy extends Error {
  readonly retryAfterMs: number;
  constructor(message: string, retryAfterMs: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Asks once. `fetch` follows to where the files lie, and takes the token to no other origin. */
export async function requestHub(options: HubOptions, request: HubRequest): Promise<Response> {
  const { baseUrl, token } = options;
  const answer = await reach(baseUrl, () =>
    fetch(new URL(request.path, baseUrl), {
      headers: { ...request.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      signal: request.signal,
    }),
  );
  if (answer.ok) return answer;
  await answer.body?.cancel();
  const { status, headers } = answer;
  // A store of files refuses for its own reasons, such as a URL that came to its end.
  const isElsewhere = new URL(answer.url).origin !== new URL(baseUrl).origin;
  if (isElsewhere || status === 408 || status === 429 || status >= 500) {
    const retryAfterMs = 1000 * Number(headers.get('retry-after')) || 0;
    throw new HubBusy(`The hub answered ${status} for ${request.repository}. Try again later.`, retryAfterMs);
  }
  const code = headers.get('x-error-code');
  const { repository, revision } = request;
  throw new HubRefused(
    describeRefusal({ status, code, repository, revision, hasToken: token !== undefined }),
  );
}

/** `fetch` tells why it failed only in the cause of its error. */
async function reach(baseUrl: string, send: () => Promise<Response>): Promise<Response> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Error(`Could not reach the hub at ${new URL(baseUrl).origin}: ${cause}.`, { cause: error });
  }
}

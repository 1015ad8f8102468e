import { type Exchange, parseCall, type S3Call } from './call.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { S3Error } from './errors.ts';
import { sendEmpty, sendError } from './respond.ts';
import { chooseOperation } from './router.ts';
import { type Credentials, verifySignature } from './signature/verify.ts';
import type { S3Store } from './store/store.ts';

export interface HandlerOptions {
  readonly store: S3Store;
  readonly credentials: Credentials;
  /** Called with what went wrong inside the server; the client is told InternalError. */
  readonly onInternalError: (error: unknown) => void;
}

/** How streams and sockets say that the other side went away amid a transfer. */
const CLIENT_GONE = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED']);

/** Answers one request; never throws. */
export async function handle(exchange: Exchange, options: HandlerOptions): Promise<void> {
  const { incoming, response, requestId } = exchange;
  response.setHeader('x-amz-request-id', requestId);
  try {
    await answer(parseCall(exchange), options);
  } catch (error) {
    if (CLIENT_GONE.has((error as NodeJS.ErrnoException | null)?.code ?? '')) {
      response.destroy();
      return;
    }
    if (!(error instanceof S3Error)) options.onInternalError(error);
    if (response.headersSent) {
      // A cut connection is the only way left to say that the answer is not whole.
      response.destroy();
      return;
    }
    const refusal =
      error instanceof S3Error
        ? error
        : new S3Error('InternalError', 'We encountered an internal error. Please try again.');
    const resource = (incoming.url ?? '/').split('?')[0] ?? '/';
    sendError({ method: incoming.method ?? 'GET', resource, requestId, response }, refusal);
    // Reads what the client still sends: closing now could reset the connection before it sees the answer.
    incoming.resume();
  }
}

async function answer(call: S3Call, { store, credentials }: HandlerOptions): Promise<void> {
  const rules = store.buckets.corsOf(call.bucket);
  if (call.method === 'OPTIONS') {
    sendEmpty(call.response, 200, preflightHeaders(rules ?? [], call.incoming.headers));
    return;
  }
  const granted = corsHeaders(rules ?? [], call.method, call.incoming.headers);
  for (const [name, value] of Object.entries(granted)) {
    if (value !== undefined) call.response.setHeader(name, value);
  }
  const verified = verifySignature(call, credentials, store.nowMs());
  if (rules === undefined) {
    throw new S3Error('NoSuchBucket', 'The specified bucket does not exist', { BucketName: call.bucket });
  }
  await chooseOperation(call)({ ...call, ...verified }, store);
}

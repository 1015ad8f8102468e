import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CorsRule } from './cors.ts';
import { type HandlerOptions, handle } from './handle.ts';
import type { Credentials } from './signature/verify.ts';
import { openStore } from './store/store.ts';

export interface S3Options {
  /** Where objects and their metadata are kept; one server at a time. */
  readonly directory: string;
  /** @default - a free one */
  readonly port?: number;
  readonly credentials: Credentials;
  /** @default - the system's clock */
  readonly nowMs?: () => number;
  /** Called when the server itself failed; the error holds no key, body or URL. @default - not told */
  readonly onInternalError?: (error: unknown) => void;
}

export interface S3Server {
  /** `http://127.0.0.1:port`, for path-style clients. */
  readonly url: string;
  /** Makes a bucket, or gives one that is there these CORS rules. */
  createBucket(name: string, cors?: readonly CorsRule[]): void;
  close(): Promise<void>;
}

/**
 * Serves the S3 API on 127.0.0.1 from a directory. What it answered as stored survives `kill -9`; what a
 * crash left half written is removed here. Throws when the port or the directory is taken.
 */
export async function startS3(options: S3Options): Promise<S3Server> {
  const store = await openStore(options.directory, options.nowMs ?? Date.now);
  const inFlight = new Set<Promise<void>>();
  const server = serve(inFlight, {
    store,
    credentials: options.credentials,
    onInternalError: options.onInternalError ?? (() => undefined),
  });
  try {
    await listen(server, options.port ?? 0);
  } catch (error) {
    store.close();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    createBucket: (name, cors = []) => store.buckets.create(name, cors, store.nowMs()),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await Promise.all(inFlight);
      store.close();
    },
  };
}

function serve(inFlight: Set<Promise<void>>, options: HandlerOptions): Server {
  const accept = (incoming: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void => {
    const handled = handle(
      {
        incoming,
        response,
        requestId: randomBytes(8).toString('hex').toUpperCase(),
        beginBody: () => {
          if (!expectsContinue) return;
          response.removeHeader('connection');
          response.writeContinue();
        },
      },
      options,
    ).finally(() => inFlight.delete(handled));
    inFlight.add(handled);
  };
  const server = createServer((incoming, response) => accept(incoming, response, false));
  server.on('checkContinue', (incoming, response) => {
    // A refusal before `100 Continue` leaves it open whether the body still comes, so the connection ends.
    response.setHeader('connection', 'close');
    accept(incoming, response, true);
  });
  // Node would cut an upload that takes longer than five minutes.
  server.requestTimeout = 0;
  return server;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

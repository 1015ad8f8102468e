import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listener {
  /** Without a trailing slash. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves HTTP on 127.0.0.1; port 0 takes any free one. Rejects when the port is taken. */
export async function listen(onRequest: RequestListener, port = 0): Promise<Listener> {
  const server = createServer(onRequest);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

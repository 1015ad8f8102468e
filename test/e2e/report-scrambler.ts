import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Scrambler {
  /** Stands for the queue's URL at the sender. */
  readonly queueUrl: string;
  delivered(): number;
  close(): Promise<void>;
}

/** Messages that are held before they go on in another order. */
const HELD = 4;
const HELD_AT_MOST_MS = 300;

/** A queue that hands on every message twice, the later ones first. */
export async function startScrambler(deliver: (body: string) => Promise<void>): Promise<Scrambler> {
  const held: string[] = [];
  let delivered = 0;
  const flush = async (): Promise<void> => {
    const bodies = held.splice(0).reverse();
    for (const body of [...bodies, ...bodies]) {
      await deliver(body);
      delivered++;
    }
  };
  const timer = setInterval(() => void flush().catch(() => undefined), HELD_AT_MOST_MS);
  const server = createServer(async (request, response) => {
    const { MessageBody } = JSON.parse(await text(request)) as { MessageBody: string };
    held.push(MessageBody);
    if (held.length >= HELD) void flush().catch(() => undefined);
    const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ MessageId: randomUUID(), MD5OfMessageBody }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    queueUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/000000000000/scrambled`,
    delivered: () => delivered,
    async close() {
      clearInterval(timer);
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

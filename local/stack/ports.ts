import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile, writeJsonFile } from './json-file.ts';

const SERVICES = [
  'gateway',
  's3',
  'dynamodb',
  'sqs',
  'sfn',
  'events',
  'ecs',
  'autoscaling',
  'lambda',
] as const;
export type Service = (typeof SERVICES)[number];
export type Ports = Readonly<Record<Service, number>>;

export interface PortWishes {
  readonly dataDirectory: string;
  /** Taken, or refused with an error; 0 is any free one. */
  readonly required?: Partial<Ports>;
  /** Taken where they are free and the data directory has no other. */
  readonly preferred?: Partial<Ports>;
}

/**
 * Chooses a port of 127.0.0.1 for each service: those of the last start where they are free, so that presigned
 * URLs and queue URLs live on. Rejects where a required one is taken.
 */
export async function choosePorts({ dataDirectory, required, preferred }: PortWishes): Promise<Ports> {
  const file = join(dataDirectory, 'ports.json');
  const last = readJsonFile(file, z.partialRecord(z.enum(SERVICES), z.number())) ?? {};
  const held: Server[] = [];
  try {
    const ports: Record<string, number> = {};
    for (const service of SERVICES) {
      const wishes = [last[service], preferred?.[service], 0];
      const server = await holdFirst(required?.[service] === undefined ? wishes : [required[service]]);
      if (server === undefined) throw new Error(taken(service, required?.[service]));
      held.push(server);
      ports[service] = (server.address() as AddressInfo).port;
    }
    writeJsonFile(file, ports);
    return ports as Ports;
  } finally {
    // Held until the last is chosen, so that none is chosen twice.
    await Promise.all(held.map((server) => once(server.close(), 'close')));
  }
}

async function holdFirst(ports: readonly (number | undefined)[]): Promise<Server | undefined> {
  for (const port of ports) {
    const server = port === undefined ? undefined : await hold(port);
    if (server !== undefined) return server;
  }
  return undefined;
}

function hold(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function taken(service: Service, port: number | undefined): string {
  return `Port ${port} for ${service} is taken or not allowed: choose another, or 0 for any free one.`;
}

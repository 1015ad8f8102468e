import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { RefusedCall } from '../aws-json/refused-call.ts';
import { readJson } from '../aws-json/server.ts';
import type { Interrupted, InterruptionRequest } from './capacity/interruption.ts';
import type { Pool } from './capacity/pool.ts';
import { taskMetadata } from './metadata/task-metadata.ts';
import { readInput } from './operations/read-input.ts';
import type { TaskBook } from './tasks/task-book.ts';

export interface ControlOptions {
  readonly book: TaskBook;
  readonly pools: ReadonlyMap<string, Pool>;
  readonly interrupt: (request: InterruptionRequest) => Interrupted;
  readonly setSpotCapacity: (provider: string, slots: number) => void;
}

const interruptSchema = z.strictObject({
  task: z.string().optional(),
  instance: z.string().optional(),
  noticeMs: z.number().min(0).optional(),
  notice: z.boolean().optional(),
  kill: z.boolean().optional(),
});

const capacitySchema = z.strictObject({ provider: z.string(), slots: z.number().int().min(0) });

/**
 * Answers what is not a call of ECS: the task metadata endpoint under `/v4/`, and under `/_local/` what EC2
 * would do by itself, for tools outside this process.
 */
export function controlRoute(options: ControlOptions) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const path = request.url ?? '/';
    if (path === '/') return false;
    try {
      const body = await respond(options, request, path);
      send(response, body === undefined ? 404 : 200, body ?? { message: `There is nothing at ${path}.` });
    } catch (error) {
      if (!(error instanceof RefusedCall)) throw error;
      send(response, 400, { message: error.message });
    }
    return true;
  };
}

async function respond(options: ControlOptions, request: IncomingMessage, path: string): Promise<unknown> {
  switch (`${request.method} ${path}`) {
    case 'POST /_local/interrupt':
      return options.interrupt(readInput(interruptSchema, await readJson(request)));
    case 'POST /_local/spot-capacity': {
      const { provider, slots } = readInput(capacitySchema, await readJson(request));
      options.setSpotCapacity(provider, slots);
      return { provider, slots };
    }
    case 'GET /_local/instances':
      return { instances: [...options.pools.values()].flatMap(describePool) };
    default:
      return request.method === 'GET' ? taskMetadata(path, options.book.all()) : undefined;
  }
}

function describePool(pool: Pool) {
  return pool.instances().map((instance) => ({
    instanceId: instance.id,
    capacityProvider: pool.provider.name,
    purchase: pool.provider.purchase,
    taskId: instance.taskId ?? null,
    underNotice: instance.underNotice,
  }));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

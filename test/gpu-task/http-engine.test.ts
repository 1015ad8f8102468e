import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { httpEngine } from '../../adapters/engine/http-client.ts';
import { parseEngineMetrics } from '../../core/agent/engine-metrics.ts';
import { simulatedServer } from '../../gpu-task/engines/simulated/server.ts';

/** A machine that does other things besides takes seconds. */
const PATIENT = { timeout: 20_000 };

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function open(server: ReturnType<typeof createServer>, connections = 4) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = httpEngine({
    origin: `http://127.0.0.1:${port}`,
    basePath: '/api/v1',
    apiKey: 'key',
    connections,
  });
  closers.push(client.close, () => {
    server.closeAllConnections();
    server.close();
  });
  return client;
}

const serve = (listener: RequestListener, connections?: number) => open(createServer(listener), connections);
const body = Buffer.from('{}');
const never = new AbortController().signal;

it('gives the whole answer, however many pieces it comes in', async () => {
  const client = await serve(async (request, answer) => {
    answer.writeHead(429, { 'retry-after': '7' });
    answer.write(`${request.method} `);
    await new Promise((resolve) => setImmediate(resolve));
    answer.end(request.url);
  });
  const answer = await client.send('/v1/chat/completions', body, never);
  expect(answer).toMatchObject({ statusCode: 429, retryAfterMs: 7000 });
  expect(Buffer.from(answer.body).toString()).toBe('POST /api/v1/chat/completions');
});

it('gives an empty answer too', async () => {
  const client = await serve((_request, answer) => void answer.end());
  expect((await client.send('/v1/x', body, never)).body).toHaveLength(0);
});

it('fails where the answer breaks off', async () => {
  const client = await serve((_request, answer) => {
    answer.writeHead(200, { 'content-length': '100' });
    answer.write('half', () => answer.destroy());
  });
  await expect(client.send('/v1/x', body, never)).rejects.toThrow();
});

it('lets the engine see that a Request is taken back, and goes on with others', async () => {
  const ending = new AbortController();
  const left = Promise.withResolvers<void>();
  const client = await serve((request, answer) => {
    if (!request.url?.endsWith('/held')) return void answer.end('yes');
    answer.on('close', left.resolve);
    ending.abort();
  }, 1);
  await expect(client.send('/v1/held', body, ending.signal)).rejects.toThrow('taken back');
  await left.promise;
  await expect(client.send('/v1/held', body, ending.signal)).rejects.toThrow('taken back');
  expect((await client.send('/v1/x', body, never)).statusCode).toBe(200);
});

it('does not send what is taken back while it waits for a connection', async () => {
  const seen: (string | undefined)[] = [];
  const answers: (() => void)[] = [];
  const client = await serve((request, answer) => {
    seen.push(request.url);
    answers.push(() => answer.end());
  }, 1);
  // One connection for Requests, two for health and metrics.
  const busy = ['/v1/a', '/v1/b', '/v1/c'].map((path) => client.send(path, body, never));
  const ending = new AbortController();
  const waiting = client.send('/v1/late', body, ending.signal);
  await vi.waitUntil(() => answers.length === 3, PATIENT);
  ending.abort();
  await expect(waiting).rejects.toThrow('taken back');
  for (const answer of answers) answer();
  await Promise.all(busy);
  const last = client.send('/v1/last', body, never);
  await vi.waitUntil(() => answers.length === 4, PATIENT);
  answers[3]?.();
  await last;
  expect(seen).not.toContain('/api/v1/late');
});

it('reads the metrics of the simulated engine', async () => {
  const settings = { model: 'm', tokensPerSecond: 1e6, firstTokenMs: 0, startMs: 0, maxRunning: 4 };
  const { server } = simulatedServer({
    settings: { ...settings, listen: { port: 0 } },
    faultFor: () => null,
    onRequest: () => undefined,
    die: () => undefined,
  });
  const client = await open(server);
  const metrics = parseEngineMetrics((await client.metrics()) ?? '');
  expect(metrics).toMatchObject({ running: 0, waiting: 0, preemptions: 0, kvTokens: null });
});

it('says that there are no metrics, or that they do not come now', async () => {
  let status = 404;
  const client = await serve((_request, answer) => void answer.writeHead(status).end());
  expect(await client.metrics()).toBeNull();
  status = 500;
  await expect(client.metrics()).rejects.toThrow('500');
});

it('reads the names of the models that an engine has, with its key', async () => {
  let body = JSON.stringify({ object: 'list', data: [{ id: 'qwen3:8b' }, { id: 7 }, { id: 'b' }] });
  const seen: (string | undefined)[] = [];
  const client = await serve((request, answer) => {
    seen.push(request.url, request.headers.authorization);
    answer.writeHead(body === '' ? 404 : 200).end(body);
  });
  expect(await client.models(never)).toEqual(['qwen3:8b', 'b']);
  expect(seen).toEqual(['/api/v1/models', 'Bearer key']);
  body = '<html>';
  expect(await client.models(never)).toBeNull();
  body = '';
  expect(await client.models(never)).toBeNull();
});

it.each([429, 500, 503])(
  'does not take an answer %i for an engine without a list of models',
  async (status) => {
    const client = await serve((_request, answer) => void answer.writeHead(status).end());
    await expect(client.models(never)).rejects.toThrow(`GET /api/v1/models answered ${status}.`);
  },
);

it('does not wait for a list of models that nobody wants any more', async () => {
  const ending = new AbortController();
  const client = await serve(() => ending.abort(new Error('given up')));
  await expect(client.models(ending.signal)).rejects.toThrow('given up');
});

import { expect, it } from 'vitest';
import type { EngineAnswer, EngineClient } from '../../core/agent/ports.ts';
import { openAiCompatibleEngine } from '../../gpu-task/engines/openai-compatible.ts';
import { chatAnswer, jsonAnswer } from './fake-engine.ts';
import { virtualTime } from './virtual-time.ts';

const CHAT = '/v1/chat/completions';
/** As Ollama says it. */
const unknown = (model: string): EngineAnswer =>
  jsonAnswer(404, { error: { message: `model "${model}" not found, try pulling it first` } });

interface TheirServer {
  readonly listed: readonly string[] | null;
  /** Names that it answers to. @default - those that it lists */
  readonly knows?: readonly string[];
  readonly named?: string;
  readonly endpoints?: readonly string[];
  /** Answers to the first probes, before it knows anything. */
  readonly atFirst?: readonly EngineAnswer[];
  /** How often it fails to give its list. */
  readonly listFails?: number;
}

/** Starts an engine of the Fleet's model `qwen3-8b` on a server of someone else. */
function start(server: TheirServer, signal?: AbortSignal) {
  const { listed, knows = listed ?? [], named, endpoints = [CHAT], atFirst = [], listFails = 0 } = server;
  const asked: string[] = [];
  const time = virtualTime();
  let lists = 0;
  const client: EngineClient = {
    async send(path, body) {
      const { model } = JSON.parse(Buffer.from(body).toString()) as { model: string };
      asked.push(`${path} ${model}`);
      const early = atFirst[asked.length - 1];
      if (early !== undefined) return early;
      return knows.includes(model) ? chatAnswer() : unknown(model);
    },
    isHealthy: async () => true,
    metrics: async () => null,
    async models() {
      if (++lists <= listFails) throw new Error('GET /v1/models answered 503.');
      return listed;
    },
    close: async () => undefined,
  };
  const engine = openAiCompatibleEngine({
    ...{ baseUrl: 'http://127.0.0.1:11434/v1', model: 'qwen3-8b', named, endpoints },
    ...{ time, readyTimeoutMs: 1000, connect: () => client },
  });
  const served = engine.start(signal).then(({ servedModel }) => servedModel);
  return { asked, time, served, lists: () => lists };
}

it.each<[string, TheirServer, string]>([
  ['the Fleet’s name, where it is listed', { listed: ['a', 'qwen3-8b'] }, 'qwen3-8b'],
  ['the name behind #, where it is listed', { listed: ['a', 'b'], named: 'b' }, 'b'],
])('takes a server’s model by %s, and sends it nothing', async (_what, server, model) => {
  const { asked, served } = start(server);
  expect(await served).toBe(model);
  expect(asked).toEqual([]);
});

it.each<[string, TheirServer, string]>([
  ['the only one that it lists', { listed: ['qwen3:8b'] }, 'qwen3:8b'],
  ['another than the only one, by its name', { listed: ['a'], named: 'b', knows: ['b'] }, 'b'],
  ['one that it does not list', { listed: ['a', 'b'], knows: ['qwen3-8b'] }, 'qwen3-8b'],
  ['one of a server without a list', { listed: null, knows: ['qwen3-8b'] }, 'qwen3-8b'],
])('takes a server’s model only once it has answered: %s', async (_what, server, model) => {
  const { asked, served } = start(server);
  expect(await served).toBe(model);
  expect(asked).toEqual([`${CHAT} ${model}`]);
});

it('does not start where the server does not know the model, and says what it has and what to write', async () => {
  await expect(start({ listed: ['qwen3:8b', 'llama3.2:3b'] }).served).rejects.toThrow(
    'answers 404 to a probe of /v1/chat/completions: model "qwen3-8b" not found, try pulling it first. ' +
      'It was asked for the model qwen3-8b, and has qwen3:8b, llama3.2:3b. ' +
      "Say which one it is by #<model> behind the engine's URL.",
  );
  await expect(start({ listed: null }).served).rejects.toThrow('has models that it does not list');
  await expect(start({ listed: [], named: 'x' }).served).rejects.toThrow(
    'asked for the model x, and has none.',
  );
});

it('probes what all servers have, where the Fleet has it', async () => {
  const all = ['/v1/completions', '/v1/embeddings', CHAT];
  const { asked, served } = start({ listed: ['m'], endpoints: all });
  await served;
  expect(asked).toEqual([`${CHAT} m`]);
  const pooled = start({ listed: ['m'], endpoints: ['/v1/embeddings'] });
  await pooled.served;
  expect(pooled.asked).toEqual(['/v1/embeddings m']);
});

it.each([408, 409, 429, 500, 503])('asks a server again that answers %i to a probe', async (status) => {
  const { asked, time, served } = start({ listed: ['m'], atFirst: [jsonAnswer(status, {})] });
  await time.advance(2000);
  expect(await served).toBe('m');
  expect(asked).toHaveLength(2);
});

it('asks a server again that has no list yet, and does not guess its model meanwhile', async () => {
  const { asked, time, served } = start({ listed: ['theirs'], listFails: 2 });
  await time.advance(3000);
  expect(await served).toBe('theirs');
  expect(asked).toEqual([`${CHAT} theirs`]);
});

it.each([400, 401, 404])('asks a server once that answers %i to a probe', async (status) => {
  const { asked, served } = start({ listed: ['m'], atFirst: [jsonAnswer(status, {})] });
  await expect(served).rejects.toThrow(`answers ${status} to a probe`);
  expect(asked).toHaveLength(1);
});

it('gives a server that stays busy five minutes, and says what it answered', async () => {
  const busy = jsonAnswer(503, { error: { message: 'The model is loading.' } });
  const { asked, time, served } = start({ listed: ['m'], atFirst: Array<EngineAnswer>(1000).fill(busy) });
  const failed = expect(served).rejects.toThrow(/answers 503 .*The model is loading.*asked for the model m/);
  await time.advance(299_000);
  expect(asked).toHaveLength(300);
  await time.advance(1000);
  await failed;
});

it('asks no more once the start is given up', async () => {
  const stop = new AbortController();
  const { time, served, lists } = start({ listed: ['m'], listFails: 1000 }, stop.signal);
  const failed = expect(served).rejects.toThrow('GET /v1/models answered 503.');
  await time.advance(1500);
  stop.abort();
  await failed;
  expect(lists()).toBe(2);
});

it('lets a stop end the wait for the list', async () => {
  const stop = new AbortController();
  const asked = Promise.withResolvers<void>();
  const engine = openAiCompatibleEngine({
    ...{ baseUrl: 'http://127.0.0.1:1/v1', model: 'm', endpoints: [CHAT] },
    ...{ time: virtualTime(), readyTimeoutMs: 1000 },
    connect: () => ({
      send: async () => chatAnswer(),
      isHealthy: async () => true,
      metrics: async () => null,
      models(signal) {
        asked.resolve();
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('taken back')));
        });
      },
      close: async () => undefined,
    }),
  });
  const started = expect(engine.start(stop.signal)).rejects.toThrow('taken back');
  await asked.promise;
  stop.abort();
  await started;
});

it('does not wait for ever for the first answer', async () => {
  const time = virtualTime();
  const engine = openAiCompatibleEngine({
    ...{ baseUrl: 'http://127.0.0.1:1/v1', model: 'm', endpoints: [CHAT], time, readyTimeoutMs: 1000 },
    connect: () => ({
      send: (_path, _body, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('taken back')));
        }),
      isHealthy: async () => true,
      metrics: async () => null,
      models: async () => null,
      close: async () => undefined,
    }),
  });
  const started = expect(engine.start()).rejects.toThrow('taken back');
  await time.advance(300_000);
  await started;
});

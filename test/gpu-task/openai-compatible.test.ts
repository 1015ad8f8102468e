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
}

/** Starts an engine of the Fleet's model `qwen3-8b` on a server of someone else. */
function start({ listed, knows = listed ?? [], named, endpoints = [CHAT] }: TheirServer) {
  const asked: string[] = [];
  const client: EngineClient = {
    async send(path, body) {
      const { model } = JSON.parse(Buffer.from(body).toString()) as { model: string };
      asked.push(`${path} ${model}`);
      return knows.includes(model) ? chatAnswer() : unknown(model);
    },
    isHealthy: async () => true,
    metrics: async () => null,
    models: async () => listed,
    close: async () => undefined,
  };
  const engine = openAiCompatibleEngine({
    ...{ baseUrl: 'http://127.0.0.1:11434/v1', model: 'qwen3-8b', named, endpoints },
    ...{ time: virtualTime(), readyTimeoutMs: 1000, connect: () => client },
  });
  return { asked, served: engine.start().then(({ servedModel }) => servedModel) };
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

import { expect, it } from 'vitest';
import { parseEngineOption, withEngines } from '../../../core/fleet/engine-option.ts';
import { sampleFleet } from '../../fakes/fleet.ts';

const FLEETS = [sampleFleet({ id: 'chat' }), sampleFleet({ id: 'embed', endpoints: ['/v1/embeddings'] })];
const { contextTokens: OWN_CONTEXT } = sampleFleet();

/** The kinds of the Fleets' engines with these options. */
const kindsWith = (...texts: readonly string[]): readonly string[] =>
  withEngines(FLEETS, texts.map(parseEngineOption)).map(({ engine }) => engine.kind);
const vllm = (...args: readonly string[]): string =>
  JSON.stringify({ kind: 'vllm', model: '/m', args, startTimeoutMs: 1000 });

it.each([
  ['http://127.0.0.1:11434/v1', ['openai-compatible', 'openai-compatible']],
  ['http://127.0.0.1:11434/v1#a-model', ['openai-compatible', 'simulated']],
  ['vllm:/path/or/model', ['vllm', 'simulated']],
  ['embed=vllm:/path/or/model', ['simulated', 'vllm']],
  [vllm('--runner', 'pooling'), ['simulated', 'vllm']],
  [vllm('--runner=pooling'), ['simulated', 'vllm']],
])('gives %s to the Fleets that it can serve', (text, kinds) => expect(kindsWith(text)).toEqual(kinds));

it('takes the last of the options that fit, and keeps the other Fleets as they are', () => {
  expect(kindsWith('http://127.0.0.1:1/v1', 'vllm:/m')).toEqual(['vllm', 'openai-compatible']);
  expect(withEngines(FLEETS, [parseEngineOption('vllm:/m')])[1]).toBe(FLEETS[1]);
});

it('refuses an option for a Fleet that there is not, and a form that there is not', () => {
  expect(() => kindsWith('other=vllm:/m')).toThrow('fits no Fleet of the profile, which has: chat');
  expect(() => parseEngineOption('ollama')).toThrow('engine "ollama": no kind of engine is written so.');
});

it('takes the context that the engine is told to hold', () => {
  const contexts = (text: string) =>
    withEngines(FLEETS, [parseEngineOption(text)]).map(({ contextTokens }) => contextTokens);
  expect(contexts(vllm('--max-model-len', '512'))).toEqual([512, OWN_CONTEXT]);
  expect(contexts('vllm:/m')).toEqual([OWN_CONTEXT, OWN_CONTEXT]);
});

it.each([
  ['vllm:', 'no folder or hub id follows "vllm:".'],
  [
    '{"kind":"vllm","args":[],"startTimeoutMs":1}',
    '\n✖ Invalid input: expected string, received undefined\n  → at model\n',
  ],
])('says of %s what is missing, and what an engine looks like', (text, reason) => {
  expect(() => parseEngineOption(text)).toThrow(`The option engine "${text}":`);
  expect(() => parseEngineOption(text)).toThrow(reason);
  expect(() => parseEngineOption(text)).toThrow('An engine is one of: vllm:<folder or hub id>');
});

import { describe, expect, it } from 'vitest';
import type { Fleet } from '../../core/fleet/catalogue.ts';
import { checkModels } from '../../lib/check-models.ts';
import { fleetOf } from '../core/intake/fixtures.ts';

const adapter = (id: string) => ({ id, source: 'folder', path: '/adapters/a' });
const vllm = (...args: string[]) => ({ kind: 'vllm', model: 'm', args, startTimeoutMs: 1 });
const check =
  (...fleets: Partial<Record<keyof Fleet, unknown>>[]) =>
  () =>
    checkModels(fleets.map(fleetOf));

describe('checkModels', () => {
  it('takes a model on several Fleets, each for endpoints of its own, and their adapters', () => {
    const [a, b] = [{ adapters: [adapter('x')] }, { id: 'b', endpoints: ['/v1/responses'] }];
    expect(check(a, { ...b, adapters: [adapter('y')] })).not.toThrow();
  });

  it('refuses two Fleets for one model and endpoint', () => {
    expect(check({}, { id: 'b' })).toThrow('Fleets small and b both serve small-1 /v1/chat/completions.');
  });

  it('refuses an adapter that is named as another, or as a model', () => {
    expect(check({ adapters: [adapter('x'), adapter('x')] })).toThrow('both serve x.');
    const other = { id: 'b', model: 'big-1', adapters: [adapter('x')] };
    expect(check({ adapters: [adapter('x')] }, other)).toThrow('Fleets small and b both serve x.');
    expect(check({ adapters: [adapter('big-1')] }, { id: 'b', model: 'big-1' })).toThrow(
      'Fleet small: the adapter big-1 is named as the model of Fleet b.',
    );
  });

  it('refuses endpoints that one engine cannot serve together, or not with its runner', () => {
    expect(check({ endpoints: ['/v1/completions', '/v1/score'] })).toThrow(
      'one engine does not serve /v1/score beside /v1/completions. Make two Fleets.',
    );
    expect(check({ engine: vllm('--runner', 'pooling') })).toThrow(
      '--runner pooling, which serves no /v1/chat/completions, /v1/completions',
    );
    const rerank = { endpoints: ['/v1/rerank'] };
    expect(check({ ...rerank, engine: vllm('--runner=generate') })).toThrow('serves no /v1/rerank');
    expect(check({ ...rerank, engine: vllm('--runner', 'pooling') })).not.toThrow();
  });

  it('refuses a context that is another than the engine’s', () => {
    expect(check({ engine: vllm('--max-model-len', '4096') })).toThrow(
      '--max-model-len 4096, but contextTokens is 8192',
    );
    expect(check({ engine: vllm('--max-model-len', '8192') })).not.toThrow();
  });
});

describe('the environment of an engine', () => {
  const engine = (env: Readonly<Record<string, string>>) => ({ engine: { ...vllm(), env } });

  it.each(['HF_TOKEN', 'OPENAI_API_KEY', 'AWS_SECRET_ACCESS_KEY', 'db_password', 'TOKEN_FOR_HUB'])(
    'holds no %s, for it is plain text',
    (name) => {
      const [said] = [check(engine({ [name]: 'hf_abc' }))];
      expect(said).toThrow(new RegExp(`^Fleet small: .*${name}.*engine\\.secrets`));
      expect(said).not.toThrow('hf_abc');
    },
  );

  it.each(['VLLM_MAX_TOKENS_PER_EXPERT_FP4_MOE', 'TOKENIZERS_PARALLELISM', 'VLLM_USE_V1'])(
    'may hold %s',
    (name) => expect(check(engine({ [name]: '1' }))).not.toThrow(),
  );
});

describe('the secrets of an engine', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub-a1B2c3';
  const engine = (name: string) => ({
    engine: { ...vllm(), env: { HF_HOME: '/x' }, secrets: { [name]: arn } },
  });

  it.each(['FLEET', 'TABLE_NAME', 'NODE_OPTIONS', 'LD_PRELOAD', 'PATH', 'HF_HOME'])(
    'do not take the name %s, which is set already or changes the agent',
    (name) => expect(check(engine(name))).toThrow(new RegExp(`^Fleet small: engine\\.secrets has ${name}`)),
  );

  it('take the names of others', () => expect(check(engine('HF_TOKEN'))).not.toThrow());
});

describe('a Fleet', () => {
  it.each([
    ['an endpoint that is not known', { endpoints: ['/v1/rank'] }, /\/v1\/rerank/],
    ['an adapter whose id is no part of a path', { adapters: [adapter('a/b')] }, /letters, digits/],
    [
      'an adapter of the bucket without its commit',
      { adapters: [{ id: 'a', source: 'bucket', repository: 'a/b' }] },
      /revision/,
    ],
    [
      'a media domain with a scheme',
      { engine: { ...vllm(), mediaDomains: ['https://a.b'] } },
      /without scheme/,
    ],
  ])('is refused with %s', (_what, fields, says) => expect(() => fleetOf(fields)).toThrow(says));
});

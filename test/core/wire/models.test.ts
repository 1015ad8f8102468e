import { expect, it } from 'vitest';
import { renderModels } from '../../../core/wire/models.ts';
import { fleetOf } from '../intake/fixtures.ts';

const adapters = [{ id: 'small-formal', source: 'folder', path: '/adapters/formal' }];
const prices = { inputUsdPerMillionTokens: 0.5, outputUsdPerMillionTokens: 2 };

it('shows what a model serves and costs, and whose model an adapter adapts', () => {
  const endpoints = ['/v1/chat/completions', '/v1/completions'];
  const input_usd_per_million_tokens = 0.5;
  const output_usd_per_million_tokens = 2;
  const extension = {
    endpoints,
    context_tokens: 8192,
    base_model: null,
    prices: { input_usd_per_million_tokens, output_usd_per_million_tokens },
  };
  expect(renderModels([fleetOf({ adapters, prices })])).toEqual([
    { id: 'small-1', object: 'model', created: 0, owned_by: 'slackline', slackline: extension },
    {
      ...{ id: 'small-formal', object: 'model', created: 0, owned_by: 'slackline' },
      slackline: { ...extension, base_model: 'small-1' },
    },
  ]);
});

it('lists a model of several Fleets once, with all that they serve', () => {
  const [model, ...others] = renderModels([
    fleetOf({ endpoints: ['/v1/embeddings'] }),
    fleetOf({ id: 'b', endpoints: ['/v1/score', '/v1/embeddings'] }),
  ]);
  expect(others).toEqual([]);
  expect(model?.slackline).toMatchObject({ endpoints: ['/v1/embeddings', '/v1/score'], prices: null });
});

import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import type { ViewDeps } from './view-batch.ts';

/** `GET /v1/models`: what `body.model` may name, each once, however many Fleets serve it. */
export const listModels =
  ({ catalogue }: Pick<ViewDeps, 'catalogue'>): ApiHandler =>
  async () =>
    json({
      object: 'list',
      data: [...new Set(catalogue.fleets.map(({ model }) => model))].map((id) => ({
        id,
        object: 'model',
        created: 0,
        owned_by: 'slackline',
      })),
    });

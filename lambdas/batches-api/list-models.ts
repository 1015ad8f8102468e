import { renderModels } from '../../core/wire/models.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import type { ViewDeps } from './view-batch.ts';

/** `GET /v1/models`: what `body.model` may name. */
export const listModels =
  ({ catalogue }: Pick<ViewDeps, 'catalogue'>): ApiHandler =>
  async () =>
    json({ object: 'list', data: renderModels(catalogue.fleets) });

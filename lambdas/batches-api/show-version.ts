import { renderVersion } from '../../core/wire/version.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';

export interface VersionDeps {
  /** As the environment's VERSION says it. */
  readonly version: string;
}

/** `GET /v1/version`: what is deployed. With a key, as every route: nobody else learns which faults we have. */
export const showVersion =
  ({ version }: VersionDeps): ApiHandler =>
  async () =>
    json(renderVersion(version));

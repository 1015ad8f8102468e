import { parseVersion } from '../version.ts';

/** The answer of `GET /v1/version`, which OpenAI does not have. */
export interface WireVersion {
  readonly object: 'version';
  readonly version: string;
  readonly commit: string | null;
}

/** `text` as in the environment's VERSION. */
export const renderVersion = (text: string): WireVersion => ({ object: 'version', ...parseVersion(text) });

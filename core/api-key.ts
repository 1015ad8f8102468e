import { createHash } from 'node:crypto';

const PREFIX = 'sk-slackline-';
/** An id that may stand in every key of a tenant's records and objects. */
const TENANT = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A key from 256 random bits; it is shown once, and only its hash is kept. */
export const apiKeyFrom = (random: Uint8Array): string =>
  `${PREFIX}${Buffer.from(random).toString('base64url')}`;

/** What the record of a key is found by. */
export const hashApiKey = (apiKey: string): string => createHash('sha256').update(apiKey).digest('hex');

export const isTenantId = (text: string): boolean => TENANT.test(text);

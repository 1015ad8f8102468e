import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Credentials } from '../s3/signature/verify.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';

const schema = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });

/** The credentials of a data directory, made at its first use: what they signed stays valid over restarts. */
export function openCredentials(dataDirectory: string): Credentials {
  const file = join(dataDirectory, 'credentials.json');
  const known = readJsonFile(file, schema);
  if (known !== undefined) return known;
  const made = {
    accessKeyId: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
  };
  writeJsonFile(file, made);
  return made;
}

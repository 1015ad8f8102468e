import type { DatabaseSync } from 'node:sqlite';
import type { CorsRule } from '../cors.ts';
import { S3Error } from '../errors.ts';

export interface Buckets {
  /** Makes a bucket, or gives one that is there these CORS rules. */
  create(name: string, cors: readonly CorsRule[], nowMs: number): void;
  /** The bucket's CORS rules; undefined for no such bucket. */
  corsOf(name: string): readonly CorsRule[] | undefined;
}

/** S3's rules for a name, but for the ones about reserved prefixes and IP addresses. */
const NAME = /^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/;

export function openBuckets(database: DatabaseSync): Buckets {
  const upsert = database.prepare(
    'INSERT INTO buckets VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET cors = excluded.cors',
  );
  const select = database.prepare('SELECT cors FROM buckets WHERE name = ?');
  return {
    create: (name, cors, nowMs) => {
      if (!NAME.test(name)) {
        const message = `The specified bucket is not valid: "${name}" must be 3 to 63 lower-case letters, digits, dots or hyphens, with a letter or digit at both ends.`;
        throw new S3Error('InvalidBucketName', message, { BucketName: name });
      }
      upsert.run(name, nowMs, JSON.stringify(cors));
    },
    corsOf: (name) => {
      const row = select.get(name);
      return row === undefined ? undefined : (JSON.parse(String(row['cors'])) as CorsRule[]);
    },
  };
}

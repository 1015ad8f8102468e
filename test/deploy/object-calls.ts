import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Call } from './clients.ts';
import { LISTS, type ListName, OBJECTS, type ObjectKind } from './things.ts';

const VERBS = {
  read:
    (Key: string): Call =>
    ({ s3 }, { bucket }) =>
      s3.send(new GetObjectCommand({ Bucket: bucket, Key })),
  write:
    (Key: string): Call =>
    ({ s3 }, { bucket }) =>
      s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: '{}' })),
  remove:
    (Key: string): Call =>
    ({ s3 }, { bucket }) =>
      s3.send(new DeleteObjectCommand({ Bucket: bucket, Key })),
};

const list =
  (Prefix: string): Call =>
  ({ s3 }, { bucket }) =>
    s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));

export type ObjectCall = `${keyof typeof VERBS} ${ObjectKind}` | `list ${ListName}`;

/** Every verb on every kind of object, and the lists. */
export const OBJECT_CALLS: Readonly<Record<string, Call>> = Object.fromEntries([
  ...Object.entries(VERBS).flatMap(([verb, call]) =>
    Object.entries(OBJECTS).map(([kind, key]): [string, Call] => [`${verb} ${kind}`, call(key)]),
  ),
  ...Object.entries(LISTS).map(([name, prefix]): [string, Call] => [`list ${name}`, list(prefix)]),
]);

/** An object of every kind: of one that is absent, S3 denies the read to who may not list. */
export async function placeObjects(s3: S3Client, Bucket: string): Promise<void> {
  for (const Key of Object.values(OBJECTS)) await s3.send(new PutObjectCommand({ Bucket, Key, Body: '{}' }));
}

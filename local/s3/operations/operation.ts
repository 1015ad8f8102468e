import type { AuthorizedCall } from '../call.ts';
import type { S3Store } from '../store/store.ts';

/** One operation of the S3 API: answers a verified call on a bucket that exists, or throws an S3Error. */
export type Operation = (call: AuthorizedCall, store: S3Store) => void | Promise<void>;

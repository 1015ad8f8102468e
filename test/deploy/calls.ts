import type { Call } from './clients.ts';
import { OBJECT_CALLS, type ObjectCall } from './object-calls.ts';
import { RECORD_CALLS, type RecordCall } from './record-calls.ts';
import { SERVICE_CALLS, type ServiceCall } from './service-calls.ts';

export type CallName = RecordCall | ObjectCall | ServiceCall;

/** What may be done in the account, each as a sentence without its subject. */
export const CALLS: Readonly<Record<string, Call>> = { ...RECORD_CALLS, ...OBJECT_CALLS, ...SERVICE_CALLS };

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { RequestError } from '../wire/request-error.ts';

/** What a token stands for while its task waits. */
export interface WaitingTask {
  succeed(output: unknown): void;
  fail(error: Error): void;
  beat(): void;
}

export interface TaskTokens {
  issue(): string;
  open(token: string, task: WaitingTask): void;
  close(token: string): void;
  /** Throws the RequestError that AWS answers for a token that no waiting task has. */
  find(token: string): WaitingTask;
}

/** As long as AWS's own tokens often are, so that a store or a queue that takes ours takes those (limit: 2,048 characters). */
const NONCE_BYTES = 480;
const SIGNATURE_BYTES = 32;

/**
 * Issues task tokens signed with the database's key, so that one whose task is over, even before a restart, is
 * told from one of another database and from garbage without remembering it.
 */
export function createTaskTokens(key: Uint8Array): TaskTokens {
  const waiting = new Map<string, WaitingTask>();
  const sign = (nonce: Uint8Array) => createHmac('sha256', key).update(nonce).digest();
  return {
    issue() {
      const nonce = randomBytes(NONCE_BYTES);
      return Buffer.concat([nonce, sign(nonce)]).toString('base64');
    },
    open: (token, task) => void waiting.set(token, task),
    close: (token) => void waiting.delete(token),
    find(token) {
      const task = waiting.get(token);
      if (task !== undefined) return task;
      const bytes = Buffer.from(token, 'base64');
      if (bytes.length !== NONCE_BYTES + SIGNATURE_BYTES || bytes.toString('base64') !== token)
        throw new RequestError('InvalidToken', "Invalid Token: 'Invalid token'");
      const signed = timingSafeEqual(sign(bytes.subarray(0, NONCE_BYTES)), bytes.subarray(NONCE_BYTES));
      if (!signed)
        throw new RequestError('TaskDoesNotExist', "Task does not exist: 'Provided task does not exist'");
      throw new RequestError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    },
  };
}

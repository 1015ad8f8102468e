import type { Message } from '@aws-sdk/client-sqs';

/** Lambda closes a batch when its event reaches the 6 MB of a synchronous call. */
const PAYLOAD_LIMIT_BYTES = 6 * 1_048_576;

/** What a record holds beside body and attributes: ids, handle, sums, source. */
const RECORD_OVERHEAD_BYTES = 2_048;

/** Cuts received messages into batches whose events fit a Lambda call; the order stays. */
export function splitByPayload(messages: readonly Message[], limitBytes = PAYLOAD_LIMIT_BYTES): Message[][] {
  const batches: Message[][] = [];
  let current: Message[] = [];
  let sizeBytes = 0;
  for (const message of messages) {
    const bytes = sizeOf(message);
    if (current.length > 0 && sizeBytes + bytes > limitBytes) {
      batches.push(current);
      current = [];
      sizeBytes = 0;
    }
    current.push(message);
    sizeBytes += bytes;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}

function sizeOf(message: Message): number {
  const attributes = JSON.stringify(message.MessageAttributes ?? {});
  return (
    Buffer.byteLength(JSON.stringify(message.Body ?? '')) +
    Buffer.byteLength(attributes) +
    RECORD_OVERHEAD_BYTES
  );
}

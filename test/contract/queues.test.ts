import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sqsDispatches, sqsHints } from '../../adapters/aws/queues.ts';
import type { BatchId, FleetId, TenantId } from '../../core/ids.ts';
import { type Sqs, startSqs } from '../../local/sqs/server.ts';

const fleetId = 'fleet' as FleetId;
const hint = (number: number) => ({
  shard: { tenant: 'acme' as TenantId, batchId: 'batch_1' as BatchId, number },
  dispatchSeq: 1,
});

let server: Sqs;
let client: SQSClient;

beforeAll(async () => {
  server = await startSqs({ region: 'us-east-1', accountId: '123456789012' });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new SQSClient({ endpoint: server.url, region: 'us-east-1', credentials });
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

async function queueOf(name: string) {
  const url = await server.createQueue({ VisibilityTimeout: 600 }, name);
  return { dispatches: sqsDispatches(client, { [fleetId]: url }), hints: sqsHints(client, url) };
}

it('brings each of many hints once while it is being answered', async () => {
  const { dispatches, hints } = await queueOf('many');
  await dispatches.send(
    fleetId,
    Array.from({ length: 12 }, (_, i) => hint(i)),
  );
  const numbers: number[] = [];
  for (let i = 0; i < 12; i++) {
    const [received] = await hints.receive(1);
    numbers.push(received?.hint.shard.number ?? -1);
    await received?.done();
  }
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
  expect(await hints.receive(0)).toEqual([]);
});

it('brings a hint that was given back to the next one at once', async () => {
  const { dispatches, hints } = await queueOf('back');
  await dispatches.send(fleetId, [hint(7)]);
  const [first] = await hints.receive(1);
  expect(await hints.receive(0)).toEqual([]);
  await first?.giveBack();
  const [second] = await hints.receive(1);
  expect(second?.hint).toEqual(hint(7));
});

it('names the Fleet that no queue is configured for', async () => {
  const { dispatches } = await queueOf('other');
  await expect(dispatches.send('stranger' as FleetId, [hint(1)])).rejects.toThrow(/Fleet stranger/);
});

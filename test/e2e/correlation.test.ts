import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Datum, dataIn } from '../lib/observability/emf.ts';
import { untilOver } from './finished.ts';
import { createBatch, type Harness, startHarness } from './harness.ts';
import { chatLines } from './input.ts';

type Line = Readonly<Record<string, unknown>>;

let stack: Harness;
let batch: OpenAI.Batch;

beforeAll(async () => {
  stack = await startHarness();
  const { id } = await createBatch(stack.client(), chatLines(150));
  batch = await untilOver(stack.client(), id);
  await vi.waitUntil(() => linesOf('lifecycle-tell').length > 0, { timeout: 30_000, interval: 250 });
}, 180_000);
afterAll(() => stack?.close(), 60_000);

const logs = (): string => join(stack.folder, 'data', 'logs');

/** The lines that name the Batch, in the logs whose names begin so. */
function linesOf(station: string): readonly Line[] {
  return rawLines(station)
    .filter((line) => line.includes(batch.id))
    .map((line) => JSON.parse(line) as Line);
}

function rawLines(station: string): readonly string[] {
  if (!existsSync(logs())) return [];
  const files = readdirSync(logs()).filter((name) => name.startsWith(station));
  return files
    .flatMap((name) => readFileSync(join(logs(), name), 'utf8').split('\n'))
    .filter((line) => line.startsWith('{'));
}

describe('one id leads from the request to the Segments:', () => {
  it.each([
    ...['batches-api', 'lifecycle-assess', 'lifecycle-intake', 'lifecycle-enrol', 'lifecycle-wait'],
    ...['scheduler-plan', 'scheduler-act', 'task-', 'recorder', 'lifecycle-close', 'lifecycle-finalize'],
    ...['lifecycle-tell'],
  ])('the log of %s names the Batch', (station) => {
    expect(linesOf(station).length).toBeGreaterThan(0);
  });

  it('the API and the lifecycle name the request that created it, as the Batch does', () => {
    const { slackline } = batch as OpenAI.Batch & { readonly slackline: { readonly request_id: string } };
    expect(slackline.request_id).toBeTruthy();
    for (const station of ['batches-api', 'lifecycle-intake', 'lifecycle-tell']) {
      expect(linesOf(station)).toContainEqual(expect.objectContaining({ requestId: slackline.request_id }));
    }
  });

  it('a Task names itself and its Shard, fence and Segment; the recorder the same Shard and fence', () => {
    const stored = linesOf('task-').filter(({ message }) => message === 'A Segment is stored.');
    expect(stored.length).toBeGreaterThan(0);
    const recorded = linesOf('recorder').map(({ shard, fence }) => `${shard}.${fence}`);
    for (const { taskId, fleetId, shard, fence, segment, batchId } of stored) {
      expect([taskId, fleetId, batchId]).toEqual([expect.stringContaining('task/'), 'qwen3-8b', batch.id]);
      expect(segment).toBeGreaterThan(0);
      expect(recorded).toContain(`${shard}.${fence}`);
    }
  });

  it('no log holds what was asked or answered', () => {
    const files = readdirSync(logs()).map((name) => readFileSync(join(logs(), name), 'utf8'));
    expect(files.filter((text) => text.includes('This is request <'))).toEqual([]);
  });
});

it('what runs measures itself under its own name', () => {
  const emitted: readonly Datum[] = ['batches-api', 'scheduler-plan', 'lifecycle-tell', 'task-'].flatMap(
    (station) =>
      rawLines(station)
        .filter((line) => line.includes('"_aws"'))
        .flatMap(dataIn),
  );
  const seen = emitted.map(({ name, dimensions }) => `${dimensions['service']} ${name}`);
  for (const metric of [
    ...['batches-api BatchesCreated', 'scheduler-plan SlackSeconds', 'scheduler-plan EstimatedUsd'],
    ...['lifecycle-tell BatchesCompleted', 'lifecycle-tell LinesCompleted'],
  ]) {
    expect(seen).toContain(metric);
  }
});

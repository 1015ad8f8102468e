import type { Batch } from '../batch/batch.ts';
import type { StoredFile } from '../batch/file.ts';
import { fileExpiry } from '../batch/file-life.ts';
import type { ClosePlan } from '../batch/plans.ts';
import { objectKeys, recordKeys } from '../keys.ts';
import type { Clock, Objects, Records } from '../ports.ts';
import { readClosePlan } from '../protocol/close-batch.ts';
import type { Outcome } from '../protocol/ending.ts';
import { finishBatch } from '../protocol/finish-batch.ts';
import { type BatchRef, isOver } from '../protocol/lifecycle.ts';
import type { FileRetention } from '../retention/retention.ts';
import { type FinalFiles, manifestOf, proveComplete } from './manifest.ts';
import { resultChunks } from './result-chunks.ts';
import { type Surveyed, survey } from './survey.ts';
import { type FinalFile, writeFile } from './write-file.ts';

export interface FinalizePorts {
  readonly records: Records;
  readonly objects: Objects;
  readonly clock: Clock;
  readonly retention: FileRetention;
}

export type FinalizeResult =
  /** `unreadable`: planned Segments that are gone or damaged; an alarm is due. */
  | { readonly kind: 'finished'; readonly unreadable: readonly string[] }
  | { readonly kind: 'over' | 'no-plan' };

/**
 * Makes the final files of a Batch from its close plan alone, proves them complete, and shows the outcome with the
 * File records in one transaction. May run twice, also at the same time: both write the same bytes. Throws
 * `ProofFailed` where ids are missing or doubled.
 */
export async function finalizeBatch(ports: FinalizePorts, ref: BatchRef): Promise<FinalizeResult> {
  const { records, objects } = ports;
  const key = recordKeys.batch(ref.tenant, ref.batchId);
  const batch = await records.read(key);
  if (batch === null || isOver(batch)) return { kind: 'over' };
  const plan = await readClosePlan(objects, ref);
  if (plan === null) return { kind: 'no-plan' };
  const made = await makeFiles(objects, ref, plan);
  // Segments that are missing may have been deleted after the end that another attempt has brought about.
  const seen = made.files.unreadable.length > 0 ? await records.read(key) : batch;
  if (seen === null || isOver(seen)) return { kind: 'over' };
  proveComplete(plan, made.files);
  const manifestKey = await putManifest(objects, batch, manifestOf(batch, plan, made.files));
  const finished = await finishBatch(ports, ref, {
    outcome: outcomeOf(plan, made, manifestKey),
    files: fileRecords(batch, made.files, { ...ports, nowMs: ports.clock.nowMs() }),
  });
  if (finished === 'refused') throw new Error(`Batch ${batch.id} ended otherwise than its close plan says.`);
  return { kind: 'finished', unreadable: made.files.unreadable };
}

interface Made extends Surveyed {
  readonly files: FinalFiles;
}

/** One walk for the output file; a second one for the error file only where it has lines. */
async function makeFiles(objects: Objects, ref: BatchRef, plan: ClosePlan): Promise<Made> {
  const of = { ...ref, plan };
  const { tenant } = ref;
  const surveying = survey();
  const completed = resultChunks(objects, of, 'completed', surveying.see);
  const output = await writeFile(objects, { tenant, id: plan.outputFileId }, completed);
  const surveyed = surveying.end();
  const error =
    surveyed.errorLines === 0
      ? null
      : await writeFile(objects, { tenant, id: plan.errorFileId }, resultChunks(objects, of, 'failed'));
  return { ...surveyed, files: { output, error, unreadable: surveyed.unreadable } };
}

async function putManifest(objects: Objects, batch: Batch, manifest: Uint8Array): Promise<string> {
  const key = objectKeys.manifest(batch.tenant, batch.id);
  const answer = await objects.putOnce(key, manifest, 'application/json');
  if (answer === 'taken') throw new Error(`Another manifest stands at ${key}.`);
  return key;
}

const outcomeOf = (plan: ClosePlan, { totals, files }: Made, manifestKey: string): Outcome => ({
  kind: 'over',
  as: plan.as,
  outputFileId: files.output?.id ?? null,
  errorFileId: files.error?.id ?? null,
  manifestKey,
  totals,
});

type FileStart = Pick<FinalizePorts, 'retention'> & { readonly nowMs: number };

function fileRecords(batch: Batch, files: FinalFiles, start: FileStart): readonly StoredFile[] {
  const named = [
    { file: files.output, filename: `${batch.id}_output.jsonl` },
    { file: files.error, filename: `${batch.id}_error.jsonl` },
  ];
  return named.flatMap(({ file, filename }) =>
    file === null ? [] : [fileRecord(batch, file, { filename, ...start })],
  );
}

/** `output_expires_after` counts from the creation of the file, not of the Batch. */
function fileRecord(
  { tenant, outputExpiresAfterSeconds: lifeSeconds }: Batch,
  { id, sizeBytes, etag }: FinalFile,
  { filename, nowMs, retention }: FileStart & { readonly filename: string },
): StoredFile {
  return {
    ...{ tenant, id, sizeBytes, etag, filename },
    purpose: 'batch_output',
    createdAtMs: nowMs,
    ...fileExpiry('batch_output', { nowMs, lifeSeconds, retention }),
    pinnedBy: [],
  };
}

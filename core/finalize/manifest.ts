import type { Batch } from '../batch/batch.ts';
import type { ClosePlan } from '../batch/plans.ts';
import { STEP_ERRORS } from '../batch/step-errors.ts';
import { addDigests, digestHex, NO_IDS } from './id-digest.ts';
import { type FinalFile, NO_LINES } from './write-file.ts';

export interface FinalFiles {
  readonly output: FinalFile | null;
  readonly error: FinalFile | null;
  /** Keys of planned Segments that are gone or damaged; their lines stand in the error file. */
  readonly unreadable: readonly string[];
}

/**
 * Proves that the ids of the input are those of output and error file together, each once: the numbers of lines add
 * up, and so do the digests. Throws `ProofFailed` where they do not; then no outcome may be shown.
 */
export function proveComplete(plan: ClosePlan, { output, error }: FinalFiles): void {
  const [out, err] = [output ?? NO_LINES, error ?? NO_LINES];
  const expected = plan.intake.lines === 0 ? NO_IDS : plan.intake.idDigest;
  const found = digestHex(addDigests(out.idSum, err.idSum));
  if (plan.intake.lines === out.lines + err.lines && expected === found) return;
  const failure = new Error(
    `The files do not hold the input's ids, each once: ${plan.intake.lines} lines with digest ${expected} came in, ` +
      `${out.lines} + ${err.lines} lines with digest ${found} would go out.`,
  );
  failure.name = STEP_ERRORS.proofFailed;
  throw failure;
}

/** The manifest as JSON. Its bytes follow from the Batch and its close plan, so that two attempts write the same. */
export function manifestOf(batch: Batch, plan: ClosePlan, files: FinalFiles): Uint8Array {
  const { intake } = plan;
  const manifest = {
    version: 1,
    batchId: batch.id,
    endedAs: plan.as,
    closedAtMs: plan.atMs,
    model: intake.model,
    endpoint: intake.endpoint,
    input: {
      fileId: batch.inputFileId,
      etag: batch.inputEtag,
      lines: intake.lines,
      idDigest: intake.lines === 0 ? NO_IDS : intake.idDigest,
    },
    output: describe(files.output),
    error: describe(files.error),
    unreadableSegments: files.unreadable,
    proof: {
      claim: 'input ids = output ids + error ids, each once',
      idDigest: 'sum of the SHA-256 of the custom_ids, modulo 2^256',
      holds: true,
    },
  };
  return Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
}

const describe = (file: FinalFile | null) =>
  file === null
    ? null
    : {
        fileId: file.id,
        sizeBytes: file.sizeBytes,
        sha256: file.sha256,
        lines: file.lines,
        idDigest: digestHex(file.idSum),
      };

import type { LineError } from '../batch/batch.ts';
import { hashId, idDigest } from '../finalize/id-digest.ts';
import type { Fleet } from '../fleet/catalogue.ts';
import {
  type CheckedLine,
  type CheckFacts,
  checkLine,
  type JsonObject,
  type ServedModel,
} from './check-line.ts';
import { idSet } from './id-set.ts';
import type { IntakeLimits } from './limits.ts';
import { fileErrors, problems } from './line-problems.ts';
import { type InputLine, splitLines } from './split-lines.ts';

/** A Request that passed every check. */
export interface CheckedRequest {
  readonly line: number;
  readonly customId: string;
  readonly body: JsonObject;
  /** Lies in a buffer of the source: copy it to keep it. */
  readonly bodyBytes: Uint8Array;
  readonly fleet: Fleet;
}

export interface InputSummary {
  readonly lines: number;
  readonly idSum: bigint;
  /** Null where no line named a model that is served. */
  readonly served: ServedModel | null;
}

export interface ReadFacts extends CheckFacts {
  readonly limits: IntakeLimits;
}

/**
 * The one pass over an input file: yields every error in order of the lines and hands each Request to `take`, up to
 * the first error (nothing of a bad file runs). Blank lines are no Requests and no errors, but count as lines:
 * editors and shells leave them, and OpenAI documents nothing. Ends early at more Requests than the limit.
 */
export async function* readInput(
  source: AsyncIterable<Uint8Array>,
  facts: ReadFacts,
  take: (request: CheckedRequest) => Promise<void>,
): AsyncGenerator<LineError, InputSummary> {
  const across = acrossLines();
  let lines = 0;
  let isClean = true;
  for await (const input of splitLines(source, facts.limits.maxLineBytes)) {
    if (isBlank(input)) continue;
    if (lines === facts.limits.maxLines) {
      yield fileErrors.tooMany(facts.limits.maxLines);
      return { lines, ...across.summary() };
    }
    lines++;
    const checked = check(input, facts);
    const errors = [...checked.errors, ...across.check(checked)];
    if (errors.length > 0) isClean = false;
    yield* errors;
    const request = isClean ? toRequest(checked) : null;
    if (request !== null) await take(request);
  }
  if (lines === 0) yield fileErrors.empty();
  return { lines, ...across.summary() };
}

const WHITESPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d]);
const isBlank = ({ bytes }: InputLine): boolean => bytes?.every((byte) => WHITESPACE.has(byte)) ?? false;

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** A line by itself. Behind a byte order mark the first line is checked on, so that all errors come at once. */
function check({ line, bytes }: InputLine, facts: ReadFacts): CheckedLine {
  if (bytes === null) {
    const error = { ...problems.tooLong(facts.limits.maxLineBytes), line };
    return { line, customId: null, served: null, body: null, bodyBytes: new Uint8Array(), errors: [error] };
  }
  const isMarked = line === 1 && BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte);
  if (!isMarked) return checkLine(line, bytes, facts);
  const checked = checkLine(line, bytes.subarray(BYTE_ORDER_MARK.length), facts);
  return { ...checked, errors: [{ ...problems.byteOrderMark(), line }, ...checked.errors] };
}

/** What only the lines together show: ids used twice, models that differ. */
function acrossLines() {
  const ids = idSet();
  const digest = idDigest();
  let first: ServedModel | null = null;
  return {
    check(checked: CheckedLine): readonly LineError[] {
      const { line, customId, served } = checked;
      const errors: LineError[] = [];
      if (customId !== null && customId !== '') {
        const sha256 = hashId(customId);
        if (ids.add(sha256)) digest.add(sha256);
        else errors.push({ ...problems.duplicateId(customId), line });
      }
      if (served !== null && first !== null && served.model !== first.model) {
        errors.push({ ...problems.otherModel(served.model, first.model), line });
      }
      first ??= served;
      return errors;
    },
    summary: () => ({ idSum: digest.sum(), served: first }),
  };
}

function toRequest({ line, customId, body, bodyBytes, served }: CheckedLine): CheckedRequest | null {
  if (customId === null || body === null || served === null) return null;
  return { line, customId, body, bodyBytes, fleet: served.fleet };
}

import { hash } from 'node:crypto';
import type { BatchId } from '../ids.ts';

/** The input line that a result belongs to. */
export interface ResultOf {
  readonly batchId: BatchId;
  /** 1-based line number in the input file. */
  readonly line: number;
  readonly customId: string;
}

/** An HTTP answer (its body goes to the file as it is), or the reason why there is none. */
export type LineResult =
  | { readonly kind: 'answered'; readonly statusCode: number; readonly body: Uint8Array }
  | { readonly kind: 'unanswered'; readonly code: string; readonly message: string };

const TAIL = Buffer.from('},"error":null}\n');
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

/**
 * A line of an output or error file, newline included (OpenAI Batch, request output object). The ids follow from
 * Batch and line, so that every Attempt writes the same. A body must be JSON in UTF-8; its bytes are kept.
 */
export function resultLine(of: ResultOf, result: LineResult): Uint8Array {
  const ids = idsOf(of);
  const head = `{"id":"batch_req_${ids.result}","custom_id":${JSON.stringify(of.customId)}`;
  if (result.kind === 'unanswered') {
    const error = JSON.stringify({ code: result.code, message: result.message });
    return Buffer.from(`${head},"response":null,"error":${error}}\n`);
  }
  const response = `"response":{"status_code":${result.statusCode},"request_id":"${ids.request}","body":`;
  return Buffer.concat([Buffer.from(`${head},${response}`), onOneLine(result.body), TAIL]);
}

function idsOf({ batchId, line }: ResultOf): { readonly result: string; readonly request: string } {
  const digest = hash('sha256', `${batchId}:${line}`, 'hex');
  return { result: digest.slice(0, 32), request: digest.slice(32) };
}

/** JSON has raw line ends only between its tokens, where a space means the same. */
function onOneLine(json: Uint8Array): Uint8Array {
  if (!json.includes(NEWLINE) && !json.includes(CARRIAGE_RETURN)) return json;
  return json.map((byte) => (byte === NEWLINE || byte === CARRIAGE_RETURN ? SPACE : byte));
}

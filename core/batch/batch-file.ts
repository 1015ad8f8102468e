const NEWLINE = 0x0a;
/** Space, tab, carriage return. */
const WHITESPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d]);

/** What the SDKs and a browser's FormData send where the caller gave no name. */
const PLACEHOLDERS: ReadonlySet<string> = new Set(['upload', 'blob', 'unknown_file']);

/** The name of a File; one that nobody named gets the extension that its purpose asks for. */
export function filenameFor(purpose: string, given: string | undefined): string {
  const name = given || 'upload';
  return purpose === 'batch' && PLACEHOLDERS.has(name) ? `${name}.jsonl` : name;
}

/** What is wrong with the name of a Batch's input; null: nothing (OpenAI's words). */
export const batchFilenameFault = (filename: string): string | null =>
  filename.toLowerCase().endsWith('.jsonl') ? null : 'Invalid file format for Batch API. Must be .jsonl';

/**
 * What can be told of a Batch's input at first sight: not empty, and its first line is JSON. Intake reads it all, and
 * passes over blank lines as this does.
 */
export function batchFileFault(bytes: Uint8Array): string | null {
  for (let start = 0, line = 1; start < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    const text = bytes.subarray(start, end);
    if (text.some((byte) => !WHITESPACE.has(byte))) return isJson(text) ? null : notJson(line);
    start = end + 1;
  }
  return 'Invalid file format for Batch API. The file is empty: send one JSON object per line.';
}

const notJson = (line: number): string =>
  `Invalid file format for Batch API. Line ${line} is not valid JSON: send one JSON object per line, in UTF-8 without a byte order mark.`;

function isJson(line: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line));
    return true;
  } catch {
    return false;
  }
}

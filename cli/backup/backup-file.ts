import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import type { TableItem } from '../../core/retention/ports.ts';

/** Ends a whole file: one that was cut off lacks it. */
interface End {
  readonly items: number;
  /** Of all lines before this one. */
  readonly sha256: string;
}

const PAGE = 500;

/** Writes items as JSON lines into a file that must not be there yet, and answers how many. */
export async function writeBackup(file: string, pages: AsyncIterable<readonly TableItem[]>): Promise<number> {
  let items = 0;
  async function* lines(): AsyncGenerator<string> {
    const digest = createHash('sha256');
    for await (const page of pages) {
      for (const item of page) {
        const line = `${JSON.stringify(item)}\n`;
        digest.update(line);
        items++;
        yield line;
      }
    }
    const end: End = { items, sha256: digest.digest('hex') };
    yield `${JSON.stringify({ end })}\n`;
  }
  await pipeline(lines, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  return items;
}

/** The items of a file that is whole; throws where it is not, before it gives any. */
export async function* readBackup(file: string): AsyncGenerator<readonly TableItem[]> {
  const { items } = await checkWhole(file);
  let page: TableItem[] = [];
  let read = 0;
  for await (const line of linesOf(file)) {
    if (read++ === items) break;
    page.push(JSON.parse(line) as TableItem);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

async function checkWhole(file: string): Promise<End> {
  const digest = createHash('sha256');
  let items = -1;
  let last = '';
  for await (const line of linesOf(file)) {
    if (items++ >= 0) digest.update(`${last}\n`);
    last = line;
  }
  const end = endIn(last);
  if (end === null || end.items !== items || end.sha256 !== digest.digest('hex')) {
    throw new Error(
      `${file} is not a whole backup: it was cut off or changed. Make another with \`backup export\`.`,
    );
  }
  return end;
}

function endIn(line: string): End | null {
  try {
    return (JSON.parse(line) as { readonly end?: End }).end ?? null;
  } catch {
    return null;
  }
}

const linesOf = (file: string): AsyncIterable<string> =>
  createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });

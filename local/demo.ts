import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type OpenAI from 'openai';
import { checkResults, type ResultFiles, sentAgain } from './demo/check-results.ts';
import { interruptSpot, isGone } from './demo/interrupt-spot.ts';
import { doneOf, progressOn } from './demo/show-progress.ts';
import { type DemoStack, startDemoStack } from './demo/start-stack.ts';
import { EPILOGUE, metDeadline, summary } from './demo/summary.ts';
import { type ShownBatch, watchBatch } from './demo/watch-batch.ts';

// `npm run demo`: one batch from upload to results on this machine, with a spot Interruption on the way.
const ROOT = join(import.meta.dirname, '..');
const INPUT = join(ROOT, 'examples', 'requests.jsonl');
const RESULTS = join(ROOT, '.slackline', 'demo');
const MIN_SHARDS = 20;
const INTERRUPT_AT_SHARE = 0.3;
/** `concurrency` of the profile: so many Requests an Interruption may cut off, to be sent again. */
const MAX_IN_FLIGHT = 16;
/** The work takes half a minute; a machine three times as slow still gets there. */
const BATCH_LIMIT_MS = 100_000;

const progress = progressOn(process.stdout);
const { say } = progress;

async function main(stack: DemoStack, engineLog: string): Promise<string> {
  const { openai } = stack;
  const file = await openai.files.create({ file: createReadStream(INPUT), purpose: 'batch' });
  const created = await openai.batches.create({
    input_file_id: file.id,
    endpoint: '/v1/chat/completions',
    // The SDK's type has OpenAI's one window; Slackline takes any from a minute to 30 days.
    completion_window: '1h' as '24h',
  });
  say(`Uploaded examples/requests.jsonl as ${file.id} and created ${created.id}, to be done within 1h.\n`);
  const interruption = interruptOnce(stack);
  const batch = await watchBatch({
    openai,
    batchId: created.id,
    limitMs: BATCH_LIMIT_MS,
    async onLook(look) {
      progress.show(look);
      await interruption.consider(look);
    },
  });
  progress.end();
  const files = await download(openai, batch);
  const again = sentAgain(readFileSync(engineLog, 'utf8'));
  const interrupted = await interruption.happened();
  check({ batch, files, interrupted, again });
  const folder = relative(process.cwd(), RESULTS);
  return summary({ batch, files, folder, interruptedAt: interrupted?.done ?? 0, sentAgain: again });
}

interface Interruption {
  readonly instanceId: string;
  /** Requests done when the notice was given. */
  readonly done: number;
}

/** Takes one of two busy spot instances away when a part of the Requests is done. */
function interruptOnce({ ecsUrl }: DemoStack) {
  let interruption: Interruption | null = null;
  return {
    /** Null where it did not come to that. */
    async happened(): Promise<Interruption | null> {
      return interruption !== null && (await isGone(ecsUrl, interruption.instanceId)) ? interruption : null;
    },
    async consider(batch: ShownBatch): Promise<void> {
      const done = doneOf(batch);
      const total = batch.request_counts?.total ?? 0;
      if (interruption !== null || batch.status !== 'in_progress' || done < total * INTERRUPT_AT_SHARE)
        return;
      const instanceId = await interruptSpot(ecsUrl);
      if (instanceId === null) return;
      interruption = { instanceId, done };
      say(
        `Interruption: spot takes ${instanceId} back in 10 s. Its Task ends what is in flight and gives back the rest.`,
      );
    },
  };
}

/** Writes the results below .slackline/demo, where they stay until the next run. */
async function download(openai: OpenAI, batch: ShownBatch): Promise<ResultFiles> {
  const text = async (id: string | null | undefined): Promise<string> =>
    id == null ? '' : await (await openai.files.content(id)).text();
  const output = await text(batch.output_file_id);
  const errors = await text(batch.error_file_id);
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, 'output.jsonl'), output);
  writeFileSync(join(RESULTS, 'errors.jsonl'), errors);
  return { input: readFileSync(INPUT, 'utf8'), output, errors };
}

/** Throws where anything is not as promised. */
function check(run: {
  readonly batch: ShownBatch;
  readonly files: ResultFiles;
  readonly interrupted: Interruption | null;
  readonly again: number;
}): void {
  const { batch, files, interrupted, again } = run;
  const wrong = [...checkResults(files)];
  if (batch.status !== 'completed') wrong.unshift(`the Batch ended as ${batch.status}`);
  else if (!metDeadline(batch)) wrong.push('the Batch missed its Deadline');
  const { total } = batch.slackline.shards;
  if (total < MIN_SHARDS) wrong.push(`the input was cut into ${total} Shards, not ${MIN_SHARDS} or more`);
  if (interrupted === null) wrong.push('no spot instance was taken away while two had a Task');
  if (again > MAX_IN_FLIGHT) wrong.push(`${again} Requests were sent to an engine twice`);
  if (wrong.length === 0) return;
  const rest = wrong.length > 5 ? ` (and ${wrong.length - 5} more)` : '';
  throw new Error(`The demo found a mismatch: ${wrong.slice(0, 5).join('; ')}${rest}.`);
}

const folder = mkdtempSync(join(tmpdir(), 'slackline-demo-'));
const engineLog = join(folder, 'engine.log');
let stack: DemoStack | null = null;
let quitting = false;

async function quit(): Promise<void> {
  quitting = true;
  progress.end();
  say('Stopping.');
  await stack?.close();
  rmSync(folder, { recursive: true, force: true });
  process.exit(130);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void quit());

try {
  say('Slackline demo: a Batch on this machine, without AWS and GPUs. The answers are simulated.');
  stack = await startDemoStack({ folder, engineLog, say });
  const result = await main(stack, engineLog);
  say(`\nThe Batch is completed.\n${result}\n${EPILOGUE}`);
  await stack.close();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
} catch (error) {
  // Closing fails what is under way.
  if (!quitting) await fail(error);
}

async function fail(error: unknown): Promise<never> {
  progress.end();
  await stack?.close();
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`\n${message}\nLogs: ${join(folder, 'logs')}\n`);
  process.exit(1);
}

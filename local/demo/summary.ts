import { linesIn, type ResultFiles } from './check-results.ts';
import type { ShownBatch } from './watch-batch.ts';

export interface DemoOutcome {
  readonly batch: ShownBatch;
  readonly files: ResultFiles;
  readonly folder: string;
  /** Requests done when the spot instance was told to go. */
  readonly interruptedAt: number;
  readonly sentAgain: number;
}

/** What the demo shows in the end. */
export function summary({ batch, files, folder, interruptedAt, sentAgain }: DemoOutcome): string {
  const { shards, task_seconds: leased, cost_usd: cost } = batch.slackline;
  const answered = linesIn(files.output).length;
  const failed = linesIn(files.errors).length;
  const usd = cost.spot + cost.on_demand;
  const perThousand = ((usd / (answered + failed)) * 1000).toFixed(4);
  const rows: readonly (readonly [string, string])[] = [
    ['Requests', `${answered} answered, ${failed} failed; every id of the input exactly once`],
    ['Shards', `${shards.total}, leased ${shards.attempts} times`],
    ['Interruption', `one spot instance was taken after ${interruptedAt} Requests`],
    ['Recomputed', recomputed(sentAgain)],
    ['Deadline', deadline(batch)],
    [
      'GPU time',
      `${leased.spot.toFixed(1)} s on spot, ${leased.on_demand.toFixed(1)} s on on-demand, without start-up and idle time`,
    ],
    [
      'Price',
      `$${usd.toFixed(4)} ($${cost.spot.toFixed(4)} spot, $${cost.on_demand.toFixed(4)} on-demand), $${perThousand} per 1,000 Requests`,
    ],
    ['Files', folder],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(13)} ${value}`).join('\n');
}

/** What is Finished is never sent again; what an Interruption cuts off has to be. */
const recomputed = (sentAgain: number): string =>
  sentAgain === 0 ? 'no Request was sent twice' : `${sentAgain} Requests, cut off in flight, were sent again`;

export const metDeadline = ({ completed_at, expires_at }: ShownBatch): boolean =>
  completed_at != null && expires_at != null && completed_at <= expires_at;

function deadline(batch: ShownBatch): string {
  const took = (batch.completed_at ?? 0) - batch.created_at;
  return `${metDeadline(batch) ? 'met' : 'MISSED'}: done after ${took} s of a window of ${batch.completion_window}`;
}

export const EPILOGUE = `
The answers are simulated: no model ran, and an engine that only keeps time made up the text. GPU time and price
follow from the simulated speed and from the prices in config/gpu-classes.json, and say nothing about a real model.
API, intake, Shards, Leases, scheduling, state machines and files are the code that is deployed to AWS.

For real answers, name any server that speaks OpenAI's API, and point the OpenAI SDK at the base URL that it prints:
  npm start -- --engine http://127.0.0.1:11434/v1#<its name for the model>`;

import type { GpuClass } from '../../core/fleet/catalogue.ts';
import type { Counts } from './counts.ts';
import { type Cost, DAYS_PER_MONTH, type Prices, totalOf } from './prices.ts';
import { OPEN_BATCHES, POLLS_PER_DAY, REQUESTS_PER_DAY, WORKLOAD } from './workload.ts';

export interface DocumentFacts {
  readonly idle: readonly Cost[];
  /** USD a month that CloudWatch does not charge an account without other dashboards and alarms. */
  readonly free: number;
  readonly busy: readonly Cost[];
  readonly taskHours: number;
  readonly tokensPerSecond: number;
  readonly gpuClass: GpuClass;
  readonly counts: Counts;
  readonly prices: Prices;
}

const AIM_PERCENT = 1;
/** An image of vLLM and the weights of the default profile's models, as a rule of thumb; not measured. */
const IMAGE_GB = 10;
const WEIGHTS_GB = 18;
/** Of an instance's root volume (lib/gpu-class-capacity.ts). */
const VOLUME_GB = 150;

/** The text between these lines depends on the template alone, and must fit it. */
export const IDLE_BEGINS = '<!-- idle -->';
export const IDLE_ENDS = '<!-- /idle -->';

/** docs/cost.md. */
export const costDocument = (facts: DocumentFacts): string => `# What the control plane costs

Written by \`npm run cost\`, from the synthesized template of the profile \`dev\`, counted calls of local runs
(\`scripts/cost/counts.json\`, of ${facts.counts.countedOn}; \`npm run cost -- --count\` counts anew, in ten minutes) and
the prices of ${facts.prices.region} (\`scripts/cost/prices.json\`, of ${facts.prices.takenOn}:
${facts.prices.from}).
Nothing of it was measured on a bill.

## With no work

${idleSection(facts)}

## With ${(REQUESTS_PER_DAY / 1e6).toFixed(0)} million Requests a day

${busySection(facts)}
`;

/** What a test compares with the template. */
export const idleSection = ({
  idle,
  free,
  prices,
}: Pick<DocumentFacts, 'idle' | 'free' | 'prices'>): string => `${IDLE_BEGINS}

${table(idle, 'USD a month')}

At list prices, with no free tier. Every account has three dashboards (of up to 50 metrics) and ten alarms for nothing:
where nothing else uses them, it pays **$${(totalOf(idle) - free).toFixed(2)}**.

Beside it, by the GB: an image in ECR $${prices.ecrGbMonth.toFixed(2)} (of ${IMAGE_GB} GB: $${(IMAGE_GB * prices.ecrGbMonth).toFixed(2)}), weights, files and results in S3 $${prices.s3GbMonth} (weights of
${WEIGHTS_GB} GB: $${(WEIGHTS_GB * prices.s3GbMonth).toFixed(2)}), records with their backup $${(prices.dynamoDbStorageGbMonth + prices.dynamoDbPitrGbMonth).toFixed(2)}. Both sizes are rules of thumb.

${IDLE_ENDS}`;

function busySection(facts: DocumentFacts): string {
  const { busy, taskHours, gpuClass, tokensPerSecond, prices } = facts;
  const total = totalOf(busy);
  const gpus = taskHours * gpuClass.usdPerHour.spot;
  const beside =
    taskHours * (prices.publicIpv4Hour + (VOLUME_GB * prices.gp3GbMonth) / (DAYS_PER_MONTH * 24));
  const share = (total / gpus) * 100;
  return `- ${WORKLOAD.batchesPerDay} Batches of ${WORKLOAD.linesPerBatch.toLocaleString('en')} Requests, on ${WORKLOAD.fleets} Fleets
- bodies of ${WORKLOAD.bodyBytes} bytes: ${WORKLOAD.inputTokens} tokens in, ${WORKLOAD.outputTokens} out
- each Batch is open for ${WORKLOAD.openHours} hours, ${OPEN_BATCHES} at a time; its client asks for it every ${WORKLOAD.pollEverySeconds} s: ${POLLS_PER_DAY.toLocaleString('en')} polls
- a Segment and a report every 15 s, a renewal of the Lease every 20 s
- ${WORKLOAD.model} on \`${gpuClass.id}\`, at the catalogue's prior of ${tokensPerSecond} tokens a second (not measured): ${Math.round(taskHours)} hours of Tasks

${table(busy, 'USD a day')}

| | USD a day |
|---|---:|
| control plane | ${total.toFixed(2)} |
| its GPUs, on spot at $${gpuClass.usdPerHour.spot} an hour | ${gpus.toFixed(2)} |
| **control plane / GPUs** | **${share.toFixed(2)} %** |

The aim of ${AIM_PERCENT} % is ${share <= AIM_PERCENT ? 'met' : 'not met'}. In neither: the volumes and public addresses of the GPU instances
($${beside.toFixed(2)} a day), and the bytes kept in S3. Segments, reports and renewals go by the hours
of Tasks; polls, metrics and the loops do not, and are a larger share the faster the GPUs are.

## How it is counted

Two Batches run on the local stack, whose functions and Tasks tell of each call to AWS (a hook of Node's, in
\`scripts/cost/counting\`). One has as many Shards, renewals and rounds as a Batch of this workload, in a thirtieth of the
time; the other has as many lines and bytes, for intake, close and finalize. What Segments cause is brought to one every
15 s of a Task, which the short runs do not reach. Computed is what grows with the open Batches (plans, sweeps) and what
the clock decides (polls, metrics, readers of queues).

More than it will be: reports are one a call of the recorder, which on AWS gathers them for five seconds; calls wait one
after the other; each metric is there in every hour. CPU time is that of the machine that counted, the latencies are
assumptions (\`scripts/cost/lambda-time.ts\`).`;
}

function table(costs: readonly Cost[], unit: string): string {
  const rows = costs.map(({ what, how, usd }) => `| ${what} | ${how} | ${usd.toFixed(2)} |`);
  const total = `| **in all** | | **${totalOf(costs).toFixed(2)}** |`;
  return [`| | | ${unit} |`, '|---|---|---:|', ...rows, total].join('\n');
}

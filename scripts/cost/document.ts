import type { GpuClass } from '../../core/fleet/catalogue.ts';
import type { Counts } from './counts.ts';
import { type Cost, DAYS_PER_MONTH, type Prices, totalOf } from './prices.ts';
import { segmentsPerTaskHour, taskHoursOf, type WorkloadFleet } from './rates.ts';
import { OPEN_BATCHES, POLLS_PER_DAY, REQUESTS_PER_DAY, WORKLOAD } from './workload.ts';

export interface DocumentFacts {
  readonly idle: readonly Cost[];
  /** USD a month that CloudWatch does not charge an account without other dashboards and alarms. */
  readonly free: number;
  readonly busy: readonly Cost[];
  readonly fleet: WorkloadFleet;
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

/** USD a month with no work. */
export const idleUsd = ({ idle, free }: Pick<DocumentFacts, 'idle' | 'free'>): number => totalOf(idle) - free;

const gpuUsd = ({ fleet, gpuClass }: Pick<DocumentFacts, 'fleet' | 'gpuClass'>): number =>
  taskHoursOf(fleet) * gpuClass.usdPerHour.spot;

/** Of what the workload's GPUs cost on spot. */
export const busyPercent = (facts: DocumentFacts): number => (totalOf(facts.busy) / gpuUsd(facts)) * 100;

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

const idleSection = ({
  idle,
  free,
  prices,
}: DocumentFacts): string => `${table([...idle, allowance(free)], 'USD a month')}

CloudWatch charges no account for its first three dashboards (of up to 50 metrics each) and ten alarms. Where others of
the account have used that up, it is $${totalOf(idle).toFixed(2)}. No other free tier is in this.

Beside it, by the GB: an image in ECR $${prices.ecrGbMonth.toFixed(2)} (of ${IMAGE_GB} GB: $${(IMAGE_GB * prices.ecrGbMonth).toFixed(2)}), weights, files and results in S3 $${prices.s3GbMonth} (weights of
${WEIGHTS_GB} GB: $${(WEIGHTS_GB * prices.s3GbMonth).toFixed(2)}), records with their backup $${(prices.dynamoDbStorageGbMonth + prices.dynamoDbPitrGbMonth).toFixed(2)}. Both sizes are rules of thumb.`;

const allowance = (free: number): Cost => ({
  what: "CloudWatch's allowance",
  how: 'of every account, for ever',
  usd: -free,
});

function busySection(facts: DocumentFacts): string {
  const { busy, fleet, gpuClass, prices } = facts;
  const taskHours = taskHoursOf(fleet);
  const segmentSeconds = Math.round(3600 / segmentsPerTaskHour(fleet));
  const total = totalOf(busy);
  const beside =
    taskHours * (prices.publicIpv4Hour + (VOLUME_GB * prices.gp3GbMonth) / (DAYS_PER_MONTH * 24));
  const percent = busyPercent(facts);
  return `- ${WORKLOAD.batchesPerDay} Batches of ${WORKLOAD.linesPerBatch.toLocaleString('en')} Requests, on ${WORKLOAD.fleets} Fleets
- bodies of ${WORKLOAD.bodyBytes} bytes: ${WORKLOAD.inputTokens} tokens in, ${WORKLOAD.outputTokens} out
- each Batch is open for ${WORKLOAD.openHours} hours, ${OPEN_BATCHES} at a time; its client asks for it every ${WORKLOAD.pollEverySeconds} s: ${POLLS_PER_DAY.toLocaleString('en')} polls
- the clients use ${WORKLOAD.keys} API keys
- a Segment and a report every ${segmentSeconds} s, a renewal of the Lease every 20 s
- ${WORKLOAD.model} on \`${gpuClass.id}\`, at the catalogue's prior of ${fleet.tokensPerSecond} tokens a second (not measured): ${Math.round(taskHours)} hours of Tasks

${table(busy, 'USD a day')}

| | USD a day |
|---|---:|
| control plane | ${total.toFixed(2)} |
| its GPUs, on spot at $${gpuClass.usdPerHour.spot} an hour | ${gpuUsd(facts).toFixed(2)} |
| **control plane / GPUs** | **${percent.toFixed(2)} %** |

The aim of ${AIM_PERCENT} % is ${percent <= AIM_PERCENT ? 'met' : 'not met'}. In neither: the volumes and public addresses of the GPU instances
($${beside.toFixed(2)} a day), and the bytes kept in S3. Segments, reports and renewals go by the hours
of Tasks; polls, metrics and the loops do not, and are a larger share the faster the GPUs are.

## How it is counted

Two Batches run on the local stack, whose functions and Tasks tell of each call to AWS (a hook of Node's, in
\`scripts/cost/counting\`). One has as many Shards, renewals and rounds as a Batch of this workload, in a thirtieth of the
time; the other has as many lines and bytes, for intake, close and finalize. What Segments cause is brought to one every
${segmentSeconds} s of a Task, and what plans cause to as many as the loops can have in a day. Computed is what grows with the
open Batches (plans, sweeps) and what the clock decides (polls, metrics, readers of queues).

More than it will be: reports are one a call of the recorder, which on AWS gathers them for five seconds; calls wait one
after the other; each metric is there in every hour. CPU time is that of the machine that counted, the latencies are
assumptions (\`scripts/cost/lambda-time.ts\`).`;
}

function table(costs: readonly Cost[], unit: string): string {
  const rows = costs.map(({ what, how, usd }) => `| ${what} | ${how} | ${usd.toFixed(2)} |`);
  const total = `| **in all** | | **${totalOf(costs).toFixed(2)}** |`;
  return [`| | | ${unit} |`, '|---|---|---:|', ...rows, total].join('\n');
}

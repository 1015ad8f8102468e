import { parseArgs } from 'node:util';
import { type Bench, type Figure, median, withBaseline } from './bench.ts';
import { type Arm, ordersOf } from './line-order/arms.ts';
import { bodiesWithSharedBeginnings } from './line-order/input.ts';
import { type OrderEffort, runInOrder } from './line-order/run-order.ts';

const ARMS: readonly Arm[] = ['file', 'grouped', 'grouped_longest_first'];

/** What the order of a Shard's lines is worth on a real engine. */
export const lineOrder: Bench = {
  name: 'line-order',
  about:
    'Lines with shared beginnings on vLLM for the CPU (--lines 1200, --repeats 3), in the order of intake and agent; baseline: the order of the file.',
  async run(args) {
    const options = {
      lines: { type: 'string', default: '1200' },
      repeats: { type: 'string', default: '3' },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    const orders = ordersOf(bodiesWithSharedBeginnings(Number(values.lines)));
    const efforts = new Map<Arm, OrderEffort[]>(ARMS.map((arm) => [arm, []]));
    for (let repeat = 1; repeat <= Number(values.repeats); repeat++) {
      for (const arm of ARMS) {
        const effort = await runInOrder(orders[arm], process.env);
        efforts.get(arm)?.push(effort);
        process.stderr.write(`repeat ${repeat}, ${arm}: ${describe(effort)}\n`);
      }
    }
    return figures(efforts);
  },
};

const describe = ({ tookMs, hitRate }: OrderEffort): string =>
  `${(tookMs / 1000).toFixed(1)} s, ${(hitRate * 100).toFixed(1)}% of the prompts' tokens from the cache`;

function figures(efforts: ReadonlyMap<Arm, readonly OrderEffort[]>): Readonly<Record<string, Figure>> {
  const middle = (arm: Arm, of: (effort: OrderEffort) => number): number =>
    median((efforts.get(arm) ?? []).map(of));
  const seconds = (arm: Arm): number => Number((middle(arm, ({ tookMs }) => tookMs) / 1000).toFixed(2));
  const percent = (arm: Arm): number => Number((middle(arm, ({ hitRate }) => hitRate) * 100).toFixed(1));
  return Object.fromEntries(
    ARMS.slice(1).flatMap((arm) => [
      [`${arm}_makespan`, withBaseline(seconds(arm), seconds('file'), 's')],
      [`${arm}_hit_rate`, withBaseline(percent(arm), percent('file'), '%')],
    ]),
  );
}

import type { IConstruct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

const WHY =
  'The id of a Batch leads through all logs, and saved queries follow it. Traces cost $5 a million and end at the queues; the profile’s `tracing` turns them on.';

/** Says why rules of cdk-nag that ask for traces do not hold for what sends none. */
export function acknowledgeUntraced(construct: IConstruct, rules: readonly string[]): void {
  acknowledge(construct, Object.fromEntries(rules.map((rule) => [rule, WHY])));
}

import { expect, it } from 'vitest';
import {
  plansPerDay,
  segmentsPerTaskHour,
  taskHoursOf,
  type WorkloadFleet,
} from '../../../scripts/cost/rates.ts';
import { WORKLOAD } from '../../../scripts/cost/workload.ts';

/** The rate at which all Requests of the workload take 240 hours. */
const TOKENS_PER_SECOND = (10_000_000 * (WORKLOAD.inputTokens + WORKLOAD.outputTokens)) / (240 * 3600);

const fleetOf = (changes: Partial<WorkloadFleet['checkpoint']> = {}): WorkloadFleet => ({
  tokensPerSecond: TOKENS_PER_SECOND,
  checkpoint: { everyMs: 60_000, maxBytes: 1e9, maxResults: 1_000_000, ...changes },
  shard: { targetMs: 600_000, maxLines: 8192 },
});

it('counts the hours that the Requests of a day take at a rate', () => {
  expect(taskHoursOf(fleetOf())).toBeCloseTo(240);
});

it('counts a Segment for each interval, or for as many results as one holds', () => {
  expect(segmentsPerTaskHour(fleetOf())).toBeCloseTo(60);
  expect(segmentsPerTaskHour(fleetOf({ maxResults: 100 }))).toBeCloseTo(10_000_000 / 240 / 100);
});

it('counts a plan for each wait, round of Shards, change of a Batch and signal', () => {
  // Five Tasks for each of two Fleets, which settle 15 Shards of each of 100 Batches.
  const rounds = (100 * 15) / 5;
  expect(plansPerDay({ fleet: fleetOf(), waitSeconds: 300, signals: 7 })).toBeCloseTo(
    2 * 288 + rounds + 200 + 7,
  );
});

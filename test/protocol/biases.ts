import type { Faults } from './stage.ts';

/** What a run is like: how much goes wrong, and what users do. Rates are per opportunity, from 0 to 1. */
export interface Bias {
  readonly faults: Faults;
  readonly chaosEffects: { readonly from: number; readonly to: number };
  readonly maxBatches: number;
  readonly maxLines: number;
  readonly maxAgents: number;
  /** Messages: doubled, lost, and delayed by up to a few minutes. */
  readonly messages: { readonly doubled: number; readonly lost: number; readonly delayed: number };
  /** What a report takes to its recorder at most when nothing goes wrong. */
  readonly reportMs: number;
  readonly nearDeadline: number;
  readonly cancel: number;
  readonly extend: number;
  readonly pause: number;
  readonly poison: number;
  /** A step of an execution is given up while its call still runs, and tried again. */
  readonly stepTimeout: number;
  readonly executionDies: number;
  /** Of an agent, at any of its polls and renewals. */
  readonly terminate: number;
}

export const BIAS: Bias = {
  faults: { die: 0.012, loseAnswer: 0.02, fail: 0.02, applyLate: 0.012, stall: 0.02 },
  chaosEffects: { from: 50, to: 500 },
  maxBatches: 2,
  maxLines: 6,
  maxAgents: 3,
  messages: { doubled: 0.1, lost: 0.04, delayed: 0.3 },
  reportMs: 1000,
  nearDeadline: 0.4,
  cancel: 0.25,
  extend: 0.3,
  pause: 0.25,
  poison: 0.15,
  stepTimeout: 0.05,
  executionDies: 0.01,
  terminate: 0.02,
};

/** Batches that end by their Deadline or a cancel while reports are late or lost. */
export const CLOSING: Bias = {
  ...BIAS,
  messages: { doubled: 0.1, lost: 0.1, delayed: 0.8 },
  nearDeadline: 0.8,
  cancel: 0.5,
  pause: 0,
  extend: 0,
};

/** The same, with calls that stand still between two of their effects. */
export const STALLING: Bias = { ...CLOSING, faults: { ...BIAS.faults, stall: 0.15 } };

/** Puts that fail, are applied late, or lose their answer, and Batches that run to their end. */
export const BAD_STORAGE: Bias = {
  ...BIAS,
  nearDeadline: 0,
  cancel: 0,
  faults: { ...BIAS.faults, fail: 0.08, loseAnswer: 0.08, applyLate: 0.05 },
};

/** A recorder that lags by more than a dispatch takes, so that Attempts are relieved before it has their report. */
export const LAGGING: Bias = { ...BIAS, nearDeadline: 0, cancel: 0, reportMs: 600_000 };

/** Instances that are taken away all the time. */
export const INTERRUPTIONS: Bias = {
  ...BIAS,
  faults: { ...BIAS.faults, die: 0.04, stall: 0.05 },
  terminate: 0.1,
  poison: 0.3,
};

/** Steps of the state machines that are given up and tried again while they still run. */
export const DOUBLED_STEPS: Bias = {
  ...BIAS,
  faults: { ...BIAS.faults, stall: 0.06 },
  stepTimeout: 0.4,
  executionDies: 0.04,
};

const KINDS = [BIAS, BIAS, CLOSING, BAD_STORAGE, LAGGING, INTERRUPTIONS, DOUBLED_STEPS];

/** The kind of run that a seed stands for. */
export const biasOf = (seed: number): Bias => KINDS[seed % KINDS.length] ?? BIAS;

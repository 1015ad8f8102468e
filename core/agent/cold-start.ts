import type { MetricName } from '../metrics.ts';

/** What vLLM said in its log about its own start; what it did not say is absent. */
export interface EngineReport {
  /** Building the model and reading its weights. */
  readonly modelMs?: number;
  /** Reading the weights alone. */
  readonly weightsMs?: number;
  /** All that follows the weights: profiling, the KV cache, compiling, capturing graphs. */
  readonly warmUpMs?: number;
  /** torch.compile alone, of the warm-up. */
  readonly compileMs?: number;
  /** Capturing CUDA graphs alone, of the warm-up. */
  readonly graphsMs?: number;
}

/** Lines of vLLM 0.32 and of the Run:ai streamer, with a number of seconds each. */
const LINES: readonly (readonly [keyof EngineReport, RegExp])[] = [
  ['modelMs', /Model loading took \S+ GiB memory and (\d+(?:\.\d+)?) seconds/],
  ['weightsMs', /Loading weights took (\d+(?:\.\d+)?) seconds/],
  ['weightsMs', /\[RunAI Streamer\] Overall time to stream .* of all files to \S+: (\d+(?:\.\d+)?)s,/],
  ['warmUpMs', /init engine \([^)]*\) took (\d+(?:\.\d+)?) s/],
  ['compileMs', /init engine .* \(compilation: (\d+(?:\.\d+)?) s/],
  ['graphsMs', /Graph capturing finished in (\d+(?:\.\d+)?) secs/],
];

/** Adds what a line of vLLM's log says; of several workers the slowest counts. */
export function readEngineLine(report: EngineReport, line: string): EngineReport {
  let read = report;
  for (const [name, pattern] of LINES) {
    const seconds = pattern.exec(line)?.[1];
    if (seconds === undefined) continue;
    read = { ...read, [name]: Math.max(read[name] ?? 0, Math.round(Number(seconds) * 1000)) };
  }
  return read;
}

/** When what came before the engine happened; null is not known. */
export interface TaskStart {
  readonly bootedAtMs: number | null;
  readonly pullStartedAtMs: number | null;
  readonly pullStoppedAtMs: number | null;
  readonly agentStartedAtMs: number;
}

/** One start of an engine. */
export interface EngineStart {
  readonly startedAtMs: number;
  /** When it said that it was healthy. */
  readonly healthyAtMs: number;
  /** When it had answered its first Request, which is ours. */
  readonly answeredAtMs: number;
  readonly report: EngineReport;
}

/**
 * In milliseconds. `instance`: boot to the pull of the image. `image`: the pull. `agent`: from there to the start of the
 * engine. `engine`: until it is healthy; `weights` and `warmUp` are parts of it, `compile` and `graphs` of the warm-up.
 * `firstToken`: from there to its first answer. `whole`: all of it. A phase that is not known or did not happen is absent.
 */
export type Phase =
  | 'instanceMs'
  | 'imageMs'
  | 'agentMs'
  | 'engineMs'
  | 'weightsMs'
  | 'warmUpMs'
  | 'compileMs'
  | 'graphsMs'
  | 'firstTokenMs'
  | 'wholeMs';
export type Phases = Readonly<Partial<Record<Phase, number>>>;

/** ECS places a Task on a new instance sooner than this after its boot; an older one ran others before. */
const NEW_INSTANCE_MS = 900_000;

/** How long each phase took from the instance's boot, or where that is long ago from the Task's start. */
export function coldStartPhases(task: TaskStart, engine: EngineStart): Phases {
  const { pullStartedAtMs, pullStoppedAtMs, agentStartedAtMs } = task;
  const arrivedAtMs = pullStartedAtMs ?? agentStartedAtMs;
  const bootedAtMs = bootOfNewInstance(task.bootedAtMs, arrivedAtMs);
  return {
    ...known({
      instanceMs: span(bootedAtMs, arrivedAtMs),
      imageMs: span(pullStartedAtMs, pullStoppedAtMs),
      agentMs: span(pullStoppedAtMs ?? agentStartedAtMs, engine.startedAtMs),
      wholeMs: span(bootedAtMs ?? arrivedAtMs, engine.answeredAtMs),
    }),
    ...enginePhases(engine),
  };
}

/** How long each phase of the engine's own start took. */
export function enginePhases({ startedAtMs, healthyAtMs, answeredAtMs, report }: EngineStart): Phases {
  return known({
    engineMs: span(startedAtMs, healthyAtMs),
    weightsMs: report.modelMs ?? report.weightsMs ?? null,
    warmUpMs: report.warmUpMs ?? null,
    compileMs: report.compileMs ?? null,
    graphsMs: report.graphsMs ?? null,
    firstTokenMs: span(healthyAtMs, answeredAtMs),
  });
}

function bootOfNewInstance(bootedAtMs: number | null, arrivedAtMs: number): number | null {
  return bootedAtMs !== null && arrivedAtMs - bootedAtMs <= NEW_INSTANCE_MS ? bootedAtMs : null;
}

/** Two clocks of one machine may still differ a little. */
const span = (fromMs: number | null, toMs: number | null): number | null =>
  fromMs === null || toMs === null ? null : Math.max(0, Math.round(toMs - fromMs));

const known = (phases: Readonly<Partial<Record<Phase, number | null>>>): Phases =>
  Object.fromEntries(Object.entries(phases).filter(([, ms]) => ms !== null)) as Phases;

const METRIC_OF: Readonly<Record<Phase, MetricName>> = {
  instanceMs: 'ColdStartInstance',
  imageMs: 'ColdStartImage',
  agentMs: 'ColdStartAgent',
  engineMs: 'ColdStartEngine',
  weightsMs: 'ColdStartWeights',
  warmUpMs: 'ColdStartWarmUp',
  compileMs: 'ColdStartCompile',
  graphsMs: 'ColdStartGraphs',
  firstTokenMs: 'ColdStartFirstToken',
  wholeMs: 'ColdStart',
};

/** The phases as metrics. */
export const coldStartMetrics = (phases: Phases): Readonly<Partial<Record<MetricName, number>>> =>
  Object.fromEntries(Object.entries(phases).map(([phase, ms]) => [METRIC_OF[phase as Phase], ms]));

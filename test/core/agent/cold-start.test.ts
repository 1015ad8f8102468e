import { describe, expect, it } from 'vitest';
import {
  coldStartMetrics,
  coldStartPhases,
  type EngineReport,
  type EngineStart,
  enginePhases,
  readEngineLine,
  type TaskStart,
} from '../../../core/agent/cold-start.ts';

/** As vLLM 0.32 prints them: the first and the last on the CPU, the others by the formats in its source. */
const LINES = [
  '2026-11-21 16:48:32,421 [INFO] [RunAI Streamer] Overall time to stream 721.2 KiB of all files to cpu: 0.26s, 2.7 MiB/s',
  '(EngineCore pid=51) INFO 11-21 16:48:30 [default_loader.py:502] Loading weights took 11.93 seconds',
  '(EngineCore pid=51) INFO 11-21 16:48:31 [gpu_model_runner.py:5150] Model loading took 15.2683 GiB memory and 13.402817 seconds',
  '(EngineCore pid=51) INFO 11-21 16:48:40 [monitor.py:60] torch.compile took 21.50 s in total',
  '(EngineCore pid=51) INFO 11-21 16:49:01 [gpu_model_runner.py:6582] Graph capturing finished in 7 secs, took 0.61 GiB',
  '(EngineCore pid=51) INFO 11-21 16:49:02 [core.py:395] init engine (profile, create kv cache, warmup model) took 38.90 s (compilation: 21.50 s)',
  '(EngineCore pid=24923) INFO 11-21 16:48:36 [core.py:402] init engine (profile, create kv cache, warmup model) took 2.74 s',
];

const reportOf = (lines: readonly string[]): EngineReport => lines.reduce(readEngineLine, {});

describe('what vLLM says of its start', () => {
  it('is read from its log', () => {
    expect(reportOf(LINES.slice(1, 6))).toEqual({
      ...{ weightsMs: 11_930, modelMs: 13_403, warmUpMs: 38_900, compileMs: 21_500, graphsMs: 7000 },
    });
  });

  it('is read where weights are streamed, and where nothing is compiled', () => {
    expect(reportOf([LINES[0] ?? '', LINES[6] ?? ''])).toEqual({ weightsMs: 260, warmUpMs: 2740 });
  });

  it('names the compilation of the language model and of an encoder together', () => {
    const line =
      'init engine (profile, create kv cache, warmup model) took 9.00 s (compilation: 6.25 s — language_model: 4.00 s, encoder: 2.25 s)';
    expect(reportOf([line])).toEqual({ warmUpMs: 9000, compileMs: 6250 });
  });

  it('is what the slowest of several workers says', () => {
    const lines = ['3.0', '5.5', '4.0'].map((s) => `Model loading took 7.5 GiB memory and ${s} seconds`);
    expect(reportOf(lines)).toEqual({ modelMs: 5500 });
  });

  it('does not change by other lines', () => {
    expect(reportOf(['INFO 11-21 16:48:38 [launcher.py:195] Route: /version, Methods: GET', ''])).toEqual({});
  });
});

const task: TaskStart = {
  bootedAtMs: 100_000,
  pullStartedAtMs: 160_000,
  pullStoppedAtMs: 400_000,
  agentStartedAtMs: 402_000,
};
const engine: EngineStart = {
  startedAtMs: 405_000,
  healthyAtMs: 465_000,
  answeredAtMs: 465_700,
  report: { modelMs: 13_403, weightsMs: 11_930, warmUpMs: 38_900, compileMs: 21_500, graphsMs: 7000 },
};

describe('the phases of a cold start', () => {
  it('follow each other from the boot of the instance to the first answer', () => {
    const phases = coldStartPhases(task, engine);
    expect(phases).toEqual({
      ...{ instanceMs: 60_000, imageMs: 240_000, agentMs: 5000, engineMs: 60_000, firstTokenMs: 700 },
      ...{ weightsMs: 13_403, warmUpMs: 38_900, compileMs: 21_500, graphsMs: 7000, wholeMs: 365_700 },
    });
    const { instanceMs = 0, imageMs = 0, agentMs = 0, engineMs = 0, firstTokenMs = 0 } = phases;
    expect(instanceMs + imageMs + agentMs + engineMs + firstTokenMs).toBe(phases.wholeMs);
  });

  it('begin with the Task where its instance has been up for long', () => {
    const old = coldStartPhases({ ...task, bootedAtMs: -3_600_000 }, engine);
    expect(old.instanceMs).toBeUndefined();
    expect(old.wholeMs).toBe(305_700);
  });

  it('leave out what is not known', () => {
    const unknown = {
      bootedAtMs: null,
      pullStartedAtMs: null,
      pullStoppedAtMs: null,
      agentStartedAtMs: 402_000,
    };
    expect(coldStartPhases(unknown, { ...engine, report: {} })).toEqual({
      ...{ agentMs: 3000, engineMs: 60_000, firstTokenMs: 700, wholeMs: 63_700 },
    });
  });

  it('are never negative where two clocks differ', () => {
    const ahead = { ...task, pullStoppedAtMs: 405_010 };
    expect(coldStartPhases(ahead, engine).agentMs).toBe(0);
  });

  it('are those of the engine alone at a later start', () => {
    expect(enginePhases(engine)).toEqual({
      ...{ engineMs: 60_000, weightsMs: 13_403, warmUpMs: 38_900, compileMs: 21_500, graphsMs: 7000 },
      firstTokenMs: 700,
    });
  });

  it('are metrics, one each', () => {
    expect(coldStartMetrics(coldStartPhases(task, engine))).toEqual({
      ...{
        ColdStartInstance: 60_000,
        ColdStartImage: 240_000,
        ColdStartAgent: 5000,
        ColdStartEngine: 60_000,
      },
      ...{
        ColdStartWeights: 13_403,
        ColdStartWarmUp: 38_900,
        ColdStartCompile: 21_500,
        ColdStartGraphs: 7000,
      },
      ...{ ColdStartFirstToken: 700, ColdStart: 365_700 },
    });
  });
});

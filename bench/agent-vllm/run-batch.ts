import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VllmEngineConfig } from '../../core/fleet/catalogue.ts';
import { startEngineProcess } from '../../gpu-task/engines/engine-process.ts';
import { type Effort, type Environment, MODEL } from './engine.ts';
import { inputFile } from './input.ts';

/** Said by run-batch when its engine is up, right before it opens the file and submits its lines. */
const ENGINE_IS_READY = 'Reading batch from';

/** `vllm run-batch` on the same lines: from its engine being ready until the last byte of its output is written. */
export async function runBatch(
  bodies: readonly string[],
  config: VllmEngineConfig,
  env: Environment,
): Promise<Effort> {
  const folder = mkdtempSync(join(tmpdir(), 'slackline-bench-'));
  try {
    const [input, output] = [join(folder, 'in.jsonl'), join(folder, 'out.jsonl')];
    writeFileSync(input, inputFile(bodies));
    const readyAtMs = await readyAt(config, env, { input, output });
    // It takes seconds to exit after that.
    const tookMs = statSync(output).mtimeMs - readyAtMs;
    return { tookMs, tokens: tokensOf(readFileSync(output, 'utf8'), bodies.length) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Files {
  readonly input: string;
  readonly output: string;
}

/** Runs it to its end. Wall clock, as the time of a file is. */
async function readyAt(
  config: VllmEngineConfig,
  env: Environment,
  { input, output }: Files,
): Promise<number> {
  const [program, ...rest] = config.command;
  const files = ['--input-file', input, '--output-file', output];
  const model = ['--model', config.model, '--served-model-name', MODEL];
  let readyAtMs = Number.NaN;
  const { exited } = startEngineProcess({
    command: [program, ...rest, 'run-batch', ...files, ...model, ...config.args],
    env: { ...(env as Record<string, string>), ...config.env },
    onLine: (line) => {
      if (line.includes(ENGINE_IS_READY)) readyAtMs = Date.now();
    },
  });
  await exited;
  if (Number.isNaN(readyAtMs)) throw new Error('run-batch ended before its engine was ready.');
  return readyAtMs;
}

interface OutputLine {
  readonly response: { readonly body: { readonly usage?: { readonly total_tokens: number } } | null } | null;
}

function tokensOf(output: string, lines: number): number {
  const all = output.trimEnd().split('\n');
  if (all.length !== lines) throw new Error(`run-batch wrote ${all.length} lines.`);
  return all.reduce((sum, line) => {
    const { response } = JSON.parse(line) as OutputLine;
    const tokens = response?.body?.usage?.total_tokens;
    if (tokens === undefined) throw new Error('run-batch failed a line.');
    return sum + tokens;
  }, 0);
}

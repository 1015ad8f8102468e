import { z } from 'zod';
import { type EngineConfig, engineSchema, type Fleet } from './catalogue.ts';
import { isPooled } from './endpoints.ts';
import { flagValue } from './vllm-flags.ts';

/** An engine that stands in for those of a profile's Fleets. */
export interface EngineOption {
  /** As it was written. */
  readonly text: string;
  /** @default - every Fleet whose endpoints the engine can serve */
  readonly fleetId: string | undefined;
  readonly engine: EngineConfig;
}

const FORMS =
  'vllm:<folder or hub id>, http://<host>:<port>/v1#<model>, or an engine as config/models has it, in JSON ' +
  '({"kind":"vllm","model":"/models/tiny","args":[],"startTimeoutMs":300000}); each may follow <fleet>=';
const OPTION = /^(?:(?<fleetId>[a-z0-9][a-z0-9-]*)=)?(?<engine>.+)$/s;
/** Of vLLM on any machine: minutes for weights and compilation. */
const START_TIMEOUT_MS = 900_000;

/** Reads `[<fleet>=]<engine>`. Throws, with the forms that there are, on anything else. */
export function parseEngineOption(text: string): EngineOption {
  const { fleetId, engine = '' } = OPTION.exec(text)?.groups ?? {};
  try {
    return { text, fleetId, engine: engineSchema.parse(engineOf(engine)) };
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? `\n${z.prettifyError(error)}` : ` ${(error as Error).message}`;
    throw new Error(`The option engine "${text}":${reason}\nAn engine is one of: ${FORMS}.`, {
      cause: error,
    });
  }
}

function engineOf(text: string): unknown {
  if (text.startsWith('{')) return JSON.parse(text);
  if (text.startsWith('vllm:')) {
    const model = text.slice('vllm:'.length);
    if (model === '') throw new Error('no folder or hub id follows "vllm:".');
    return { kind: 'vllm', model, args: [], startTimeoutMs: START_TIMEOUT_MS };
  }
  if (/^https?:\/\//.test(text)) {
    const [baseUrl, model] = text.split('#', 2);
    return { kind: 'openai-compatible', baseUrl, ...(model ? { model: decodeURIComponent(model) } : {}) };
  }
  throw new Error('no kind of engine is written so.');
}

/**
 * What a real engine on one machine asks for: one Task, because there is one engine, or one GPU; no guess of the start
 * and of answers that is shorter than a laptop needs; and an engine that stays warm between two tries of a person.
 */
const ON_ONE_MACHINE = { maxTasks: { spot: 1, onDemand: 0 }, startMs: 60_000, idleExitMs: 600_000 };
const REQUEST_TIMEOUT_MS = 600_000;

/** The Fleets with the engines that the options name. Throws where an option fits none of them. */
export function withEngines(fleets: readonly Fleet[], options: readonly EngineOption[]): readonly Fleet[] {
  const unused = options.find((option) => !fleets.some((fleet) => fits(option, fleet)));
  if (unused !== undefined) {
    const known = fleets.map(({ id, endpoints }) => `${id} (${endpoints.join(', ')})`).join('; ');
    throw new Error(`The option engine "${unused.text}" fits no Fleet of the profile, which has: ${known}.`);
  }
  return fleets.map((fleet) => {
    const option = options.findLast((each) => fits(each, fleet));
    if (option === undefined) return fleet;
    const request = { ...fleet.request, timeoutMs: REQUEST_TIMEOUT_MS };
    const contextTokens = contextOf(option.engine) ?? fleet.contextTokens;
    return { ...fleet, ...ON_ONE_MACHINE, request, contextTokens, engine: option.engine };
  });
}

/** What the engine is told to hold; undefined where it is not told. */
function contextOf(engine: EngineConfig): number | undefined {
  const tokens = engine.kind === 'vllm' ? flagValue(engine.args, ['--max-model-len']) : undefined;
  return tokens === undefined ? undefined : Number(tokens);
}

/** A server of someone else may have a model for each; vLLM has one model, for one of the two. */
function fits({ fleetId, engine }: EngineOption, { id, endpoints }: Fleet): boolean {
  if (fleetId !== undefined) return fleetId === id;
  const pooled = endpoints.some(isPooled);
  switch (engine.kind) {
    case 'simulated':
      return true;
    case 'openai-compatible':
      return engine.model === undefined || !pooled;
    case 'vllm':
      return pooled === (flagValue(engine.args, ['--runner']) === 'pooling');
    default:
      return engine satisfies never;
  }
}

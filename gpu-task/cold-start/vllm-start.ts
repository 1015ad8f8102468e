import { randomBytes } from 'node:crypto';
import { json } from 'node:stream/consumers';
import type { ModelFiles } from '../../adapters/aws/model-files.ts';
import { compileCacheKey } from '../../core/agent/compile-cache-key.ts';
import type { GpuProbe } from '../../core/agent/gpu-reading.ts';
import type { VllmEngineConfig } from '../../core/fleet/catalogue.ts';
import { vllmGpus } from '../../core/fleet/vllm-gpus.ts';
import { MANIFEST_FILE, weightsFolder } from '../../core/models/layout.ts';
import { type ModelManifest, modelManifestSchema } from '../../core/models/manifest.ts';
import { type Log, reasonOf } from '../agent/log.ts';
import { type CompileCache, compileCache } from './compile-cache.ts';
import { openWeightsDoor } from './weights-door.ts';

/** What one start of vLLM gets, beside the catalogue's flags and environment. */
export interface VllmStart {
  readonly model: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** To be called once it is ready, before it gets a Request of a user. */
  ready(signal?: AbortSignal): Promise<void>;
  /** To be called once it is ready, or is not coming. */
  close(): Promise<void>;
}

/** Readies what a start needs; `engineStart` counts from 1. An abort ends every wait in it. */
export type PrepareVllm = (engineStart: number, signal?: AbortSignal) => Promise<VllmStart>;

export interface VllmStartOptions {
  readonly fleetId: string;
  readonly config: VllmEngineConfig;
  readonly modelFiles: ModelFiles;
  /** What vLLM gets for VLLM_CACHE_ROOT. Without it no compiled kernels are kept. */
  readonly cacheRoot: string | undefined;
  /** Becomes the command that follows it, as the user that the kernels belong to. */
  readonly launcher?: readonly string[] | undefined;
  readonly vllmVersion: string;
  readonly gpus: GpuProbe;
  readonly log: Log;
}

/** Reads the weights where the catalogue says, and keeps compiled kernels in the model bucket. */
export function prepareVllm(options: VllmStartOptions): PrepareVllm {
  const { config } = options;
  return async (engineStart, signal) => {
    // A later start follows Requests, and what they left in the cache is not for others.
    const cache = engineStart === 1 ? await cacheOf(options) : null;
    await cache?.restore(signal);
    const source = config.weights === 'bucket' ? await fromBucket(options, signal) : fromHub(config);
    return { ...source, ready: async (halt) => cache?.store(halt) };
  };
}

/** vLLM finds the weights itself. */
export function fromHub({ model, revision }: Pick<VllmEngineConfig, 'model' | 'revision'>): VllmStart {
  const args = revision === undefined ? [] : ['--revision', revision];
  return { model, args, env: {}, ready: async () => undefined, close: async () => undefined };
}

async function fromBucket(
  { config, fleetId, modelFiles, log }: VllmStartOptions,
  signal: AbortSignal | undefined,
): Promise<VllmStart> {
  const { revision = '' } = config;
  const folder = weightsFolder(fleetId, revision);
  const { files } = await manifestIn(modelFiles, { folder, fleetId, signal });
  const door = await openWeightsDoor({
    ...{ modelFiles, folder, files, accessKey: randomBytes(16).toString('hex') },
    onTrouble: (error) => log.warn('Could not read the model bucket.', { reason: reasonOf(error) }),
  });
  const { model, env, close } = door;
  return { model, env, close, args: streamerFlags(config), ready: async () => undefined };
}

/** Without the second, each GPU of a model would read all of its weights (vLLM docs, Run:ai model streamer). */
function streamerFlags({ args }: VllmEngineConfig): readonly string[] {
  const flags = ['--load-format', 'runai_streamer'];
  return vllmGpus(args) > 1 ? [...flags, '--model-loader-extra-config', '{"distributed":true}'] : flags;
}

interface ManifestPlace {
  readonly folder: string;
  readonly fleetId: string;
  readonly signal: AbortSignal | undefined;
}

async function manifestIn(
  modelFiles: ModelFiles,
  { folder, fleetId, signal }: ManifestPlace,
): Promise<ModelManifest> {
  const manifest = await modelFiles.get(folder + MANIFEST_FILE, signal);
  if (manifest === null) {
    throw new Error(
      `The model bucket holds no whole ${folder}: there is no ${MANIFEST_FILE}. Run: npm run models:pull -- ${fleetId}`,
    );
  }
  return modelManifestSchema.parse(await json(manifest));
}

async function cacheOf(options: VllmStartOptions): Promise<CompileCache | null> {
  const { modelFiles, cacheRoot, fleetId, config, launcher, log } = options;
  const gpu = cacheRoot === undefined ? null : await gpuName(options.gpus);
  if (cacheRoot === undefined || gpu === null) return null;
  const key = compileCacheKey(fleetId, {
    vllmVersion: options.vllmVersion,
    gpu,
    model: config.model,
    revision: config.revision ?? null,
    args: config.args,
    env: config.env ?? {},
    root: cacheRoot,
  });
  return compileCache({ modelFiles, key, root: cacheRoot, launcher, log });
}

/** Null where there is a GPU that does not say. */
async function gpuName(gpus: GpuProbe): Promise<string | null> {
  const reading = await gpus.look();
  if (reading.kind === 'absent') return 'cpu';
  return reading.kind === 'seen' ? (reading.gpus[0]?.name ?? null) : null;
}

import { join, resolve } from 'node:path';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { parseEngineOption } from '../core/fleet/engine-option.ts';

export interface Options {
  readonly profile: string;
  readonly dataDirectory: string;
  /** Of the API; 0 is any free one. */
  readonly port: number | undefined;
  readonly taskEnvironment: Readonly<Record<string, string>>;
  /** Stand in for the profile's, each as `[<fleet>=]<engine>`. */
  readonly engines: readonly string[];
}

export const USAGE = `npm start -- [options]

Runs the service on this machine, without AWS and without GPUs.

  --profile <name>         a file of config/profiles (default: local)
  --port <number>          of the API; 0 is any free one (default: the last one, else 4242 if it is free)
  --data <folder>          where everything is kept (default: .slackline/data)
  --engine <engine>        runs real inference instead of simulating it; may be given several times:
                             vllm:<folder or hub id>             vLLM, which must be on the PATH
                             http://127.0.0.1:11434/v1#<model>   a server of yours (Ollama, LM Studio, vLLM, …)
                             '{"kind":"vllm",…}'                 as config/models has it (docs/local-stack.md)
                             <fleet>=…                           for this Fleet alone
  --task-env <NAME=value>  set in every GPU task; may be given several times
  --help`;

const OPTIONS = {
  profile: { type: 'string', default: 'local' },
  port: { type: 'string' },
  data: { type: 'string', default: join(import.meta.dirname, '..', '.slackline', 'data') },
  engine: { type: 'string', multiple: true, default: [] },
  'task-env': { type: 'string', multiple: true, default: [] },
  help: { type: 'boolean', default: false },
} satisfies ParseArgsOptionsConfig;

/** Reads the command line; undefined where help is asked for. Throws on what it does not know. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = valuesIn(args);
  if (values.help) return undefined;
  return {
    profile: values.profile,
    dataDirectory: resolve(values.data),
    port: values.port === undefined ? undefined : readPort(values.port),
    taskEnvironment: Object.fromEntries(values['task-env'].map(readVariable)),
    engines: values.engine.map(withWholePath),
  };
}

function valuesIn(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\nnpm start -- --help names the options.`, { cause: error });
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`--port ${text}: a whole number from 0 to 65535.`);
}

/** A folder is found from here, not from where a Task runs. Throws where it is no engine. */
function withWholePath(text: string): string {
  const whole = text.replace(/(?<=^(?:[a-z0-9-]+=)?vllm:)\.{0,2}\/.*$/s, (folder) => resolve(folder));
  parseEngineOption(whole);
  return whole;
}

function readVariable(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`--task-env ${text}: of the form NAME=value.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

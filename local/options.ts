import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface Options {
  readonly profile: string;
  readonly dataDirectory: string;
  /** Of the API; 0 is any free one. */
  readonly port: number | undefined;
  readonly taskEnvironment: Readonly<Record<string, string>>;
}

export const USAGE = `npm start -- [options]

Runs the service on this machine, without AWS and without GPUs.

  --profile <name>         a file of config/profiles (default: local)
  --port <number>          of the API; 0 is any free one (default: the last one, else 4242 if it is free)
  --data <folder>          where everything is kept (default: .slackline/data)
  --task-env <NAME=value>  set in every GPU task; may be given several times
  --help`;

/** Reads the command line; undefined where help is asked for. Throws on what it does not know. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      profile: { type: 'string', default: 'local' },
      port: { type: 'string' },
      data: { type: 'string', default: join(import.meta.dirname, '..', '.slackline', 'data') },
      'task-env': { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    profile: values.profile,
    dataDirectory: resolve(values.data),
    port: values.port === undefined ? undefined : readPort(values.port),
    taskEnvironment: Object.fromEntries(values['task-env'].map(readVariable)),
  };
}

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`--port ${text}: a whole number from 0 to 65535.`);
}

function readVariable(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`--task-env ${text}: of the form NAME=value.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

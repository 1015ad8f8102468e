import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { freePort } from '../../local/dynamodb/free-port.ts';
import { type Child, startChild } from '../../local/processes/child.ts';
import { stopChild } from '../../local/processes/stop-child.ts';
import { untilAnswers } from '../../local/processes/until-answers.ts';
import { urlOf } from '../../local/stack/aws-environment.ts';
import type { MinistackHome } from './home.ts';

export const REGION = 'us-east-1';
export const ACCOUNT_ID = '123456789012';

export interface EmulatorOptions {
  readonly home: MinistackHome;
  /** Takes everything that it writes. */
  readonly directory: string;
  /** Where calls about GPU tasks and their instances go on to, once they are authorized. */
  readonly ecsUrl: string;
  readonly autoScalingUrl: string;
  /** Of programs that functions start: `node` itself above all. */
  readonly path: string;
  readonly onLine: (line: string) => void;
}

export interface Emulator {
  readonly url: string;
  /** The same without TLS, which policies may refuse. */
  readonly plainUrl: string;
  /** What makes an SDK or the CLI talk to it; without credentials. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of the account's root, who may do everything. */
  readonly rootCredentials: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;
const POLL_MS = 100;

/**
 * Starts ministack on a free port of 127.0.0.1, with TLS and with IAM enforced for every call. From then on this
 * process trusts its certificate too.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { home, directory, onLine } = options;
  mkdirSync(directory, { recursive: true });
  const authority = join(directory, 'authority.pem');
  const ports = { tls: await freePort(), plain: await freePort() };
  const url = `https://127.0.0.1:${ports.tls}`;
  const rootCredentials = {
    AWS_ACCESS_KEY_ID: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
    AWS_SECRET_ACCESS_KEY: randomBytes(20).toString('hex'),
  };
  const child = startChild({
    command: [home.python, join(import.meta.dirname, 'start.py')],
    cwd: directory,
    env: { ...settings(options, ports), ...rootCredentials, NODE_EXTRA_CA_CERTS: authority },
    onLine,
  });
  const answers = healthOf(url, authority);
  await untilAnswers(child, { name: 'ministack', answers, limitMs: START_LIMIT_MS, pollMs: POLL_MS });
  return {
    url,
    plainUrl: urlOf(ports.plain),
    environment: clientEnvironment(url, authority),
    rootCredentials,
    close: () => stop(child),
  };
}

interface Ports {
  readonly tls: number;
  readonly plain: number;
}

function settings(options: EmulatorOptions, { tls, plain }: Ports): Record<string, string> {
  const { directory, path, ecsUrl, autoScalingUrl } = options;
  return {
    GATEWAY_PORT: String(tls),
    BIND_HOST: '127.0.0.1',
    MINISTACK_HOST: '127.0.0.1',
    MINISTACK_REGION: REGION,
    MINISTACK_ACCOUNT_ID: ACCOUNT_ID,
    AUTH: 'true',
    USE_SSL: '1',
    // Listeners on fixed ports that the app has no use for.
    SFTP_ENABLED: '0',
    IOT_MTLS_ENABLED: '0',
    PYTHONDONTWRITEBYTECODE: '1',
    // Functions run on whatever `node` is found first.
    PATH: [dirname(process.execPath), path].join(delimiter),
    // AWS has the SDK beside every function; only CDK's own, which empties buckets, relies on it.
    NODE_PATH: join(import.meta.dirname, '..', '..', 'node_modules'),
    TMPDIR: directory,
    HOME: directory,
    SLACKLINE_TLS_DIRECTORY: directory,
    SLACKLINE_HTTP_PORT: String(plain),
    SLACKLINE_ECS_URL: ecsUrl,
    SLACKLINE_AUTO_SCALING_URL: autoScalingUrl,
  };
}

function clientEnvironment(url: string, authority: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CA_BUNDLE: authority,
    NODE_EXTRA_CA_CERTS: authority,
  };
}

/** Asks for its health, and trusts its certificate before: which is there once it has begun to start. */
function healthOf(url: string, authority: string): () => Promise<boolean> {
  let trusted = false;
  return async () => {
    if (!trusted && existsSync(authority)) {
      setDefaultCACertificates([...getCACertificates('default'), readFileSync(authority, 'utf8')]);
      trusted = true;
    }
    return trusted && (await answers(`${url}/_ministack/health`));
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    // Not up yet.
    return false;
  }
}

/** Functions are its child processes, and end with the group. */
async function stop(child: Child): Promise<void> {
  await stopChild(child, STOP_LIMIT_MS);
  child.killGroup();
}

import type { Credentials } from '../s3/signature/verify.ts';
import { type Deployment, readAssembly } from '../template/deployment.ts';
import { awsEnvironment, urlOf } from './aws-environment.ts';
import { openCredentials } from './credentials.ts';
import type { OnLog } from './log-source.ts';
import { choosePorts, type Ports } from './ports.ts';

const ACCOUNT_ID = '123456789012';
const REGION = 'us-east-1';

export interface LocalStackOptions {
  /** What `cdk synth` wrote. */
  readonly assembly: string;
  /** The directory that stands for the file system of every container image. */
  readonly imageRoot: string;
  /** Everything that is kept; of one stack at a time. */
  readonly dataDirectory: string;
  /** Refused with an error where they are taken; 0 is any free port. */
  readonly ports?: Partial<Ports>;
  /** Taken at a first start where they are free. */
  readonly preferredPorts?: Partial<Ports>;
  /** Set in every container above everything else. */
  readonly taskEnvironment?: Readonly<Record<string, string>>;
  readonly onLog: OnLog;
}

/** What every service of one running stack is made from. */
export interface Settings {
  readonly deployment: Deployment;
  readonly ports: Ports;
  readonly credentials: Credentials;
  readonly region: string;
  readonly accountId: string;
  readonly dataDirectory: string;
  readonly functionEnvironment: Readonly<Record<string, string>>;
  readonly containerEnvironment: Readonly<Record<string, string>>;
  readonly imageRoot: string;
  readonly onLog: OnLog;
  readonly onTrouble: (message: string) => void;
}

/** Chooses ports and credentials, and resolves the assembly with them. */
export async function openSettings(options: LocalStackOptions): Promise<Settings> {
  const { dataDirectory, imageRoot, onLog } = options;
  const ports = await choosePorts({
    dataDirectory,
    ...(options.ports && { required: options.ports }),
    ...(options.preferredPorts && { preferred: options.preferredPorts }),
  });
  const credentials = openCredentials(dataDirectory);
  const aws = awsEnvironment({ region: REGION, credentials, ports });
  const endpoints = { sqs: urlOf(ports.sqs), gateway: urlOf(ports.gateway) };
  const environment = { region: REGION, accountId: ACCOUNT_ID, partition: 'aws', endpoints };
  return {
    deployment: readAssembly(options.assembly, environment),
    ...{ ports, credentials, region: REGION, accountId: ACCOUNT_ID, dataDirectory, imageRoot, onLog },
    functionEnvironment: { ...aws, AWS_EC2_METADATA_DISABLED: 'true' },
    containerEnvironment: { PATH: process.env['PATH'] ?? '', ...aws, ...options.taskEnvironment },
    onTrouble: (message) => onLog({ kind: 'stack', name: 'trouble' }, message),
  };
}

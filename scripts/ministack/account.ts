import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { freePort } from '../../local/dynamodb/free-port.ts';
import type { Ecs } from '../../local/ecs/server.ts';
import { urlOf } from '../../local/stack/aws-environment.ts';
import { runProgram } from '../run-program.ts';
import { runCdk } from './cdk.ts';
import { type DeployedStack, readDeployedStack } from './deployed-stack.ts';
import { ACCOUNT_ID, type Emulator, REGION, startEmulator } from './emulator.ts';
import { type GpuTasks, openGpuTasks } from './gpu-tasks.ts';
import type { MinistackHome } from './home.ts';
import { ROOT_PROFILE, writeProfiles } from './profiles.ts';

export interface AccountOptions {
  readonly home: MinistackHome;
  /** Takes everything that is written, logs included. */
  readonly directory: string;
  /** The directory that stands for the file system of the GPU task's image. */
  readonly imageRoot: string;
  /** Of this process's environment. */
  readonly path: string;
}

/** An emulated AWS account with IAM enforced, in which the pinned CDK CLI deploys. */
export interface Account {
  readonly url: string;
  /** The same without TLS. */
  readonly plainUrl: string;
  /** Of programs that act as the account's root; each role of a stack is a profile of its own name. */
  readonly environment: Readonly<Record<string, string>>;
  /** Options of a client that acts as the account's root. */
  readonly root: ReturnType<typeof rootOf>;
  /** `cdk deploy`: creates the one stack of an assembly, or updates it in place. */
  deploy(assembly: string): Promise<DeployedStack>;
  /** `cdk destroy`, after the Tasks have been killed. */
  destroy(assembly: string): Promise<void>;
  /** Where the Tasks run; throws before the first deploy. */
  ecs(): Ecs;
  /** What is in the account, each thing as `<kind> <name>`. */
  inventory(): Promise<readonly string[]>;
  close(): Promise<void>;
}

interface Opened {
  readonly options: AccountOptions;
  readonly emulator: Emulator;
  readonly environment: Readonly<Record<string, string>>;
  readonly profilesFile: string;
  readonly gpuTasks: GpuTasks;
}

const BOOTSTRAP_LIMIT_MS = 60_000;
const DEPLOY_LIMIT_MS = 150_000;
const INVENTORY_LIMIT_MS = 30_000;

/** Starts the emulator and bootstraps the account for CDK. Rejects, leaving nothing running, where it cannot. */
export async function openAccount(options: AccountOptions): Promise<Account> {
  await using starting = new AsyncDisposableStack();
  const opened = await start(options, starting);
  await cdk(opened, BOOTSTRAP_LIMIT_MS, ['bootstrap', `aws://${ACCOUNT_ID}/${REGION}`]);
  const running = starting.move();
  const { emulator, environment, gpuTasks } = opened;
  return {
    url: emulator.url,
    plainUrl: emulator.plainUrl,
    environment,
    root: rootOf(emulator),
    deploy: (assembly) => deploy(opened, assembly),
    async destroy(assembly) {
      await gpuTasks.close();
      await cdk(opened, DEPLOY_LIMIT_MS, ['destroy', '--app', assembly, '--force']);
    },
    ecs: gpuTasks.ecs,
    inventory: () => inventory(opened),
    close: () => running.disposeAsync(),
  };
}

async function start(options: AccountOptions, running: AsyncDisposableStack): Promise<Opened> {
  const { home, directory, path, imageRoot } = options;
  mkdirSync(directory, { recursive: true });
  const log = (name: string) => (line: string) => appendFileSync(join(directory, name), `${line}\n`);
  const [ecsPort, autoScalingPort] = [await freePort(), await freePort()];
  const emulator = await startEmulator({
    ...{ home, directory, path, ecsUrl: urlOf(ecsPort), autoScalingUrl: urlOf(autoScalingPort) },
    onLine: log('emulator.log'),
  });
  running.defer(emulator.close);
  const profilesFile = join(directory, 'aws-config');
  writeProfiles(profilesFile, emulator.rootCredentials, []);
  const shared = { ...emulator.environment, PATH: path, HOME: directory, AWS_CONFIG_FILE: profilesFile };
  const logTask = log('tasks.log');
  const gpuTasks = openGpuTasks({
    ...{ imageRoot, ecsPort, autoScalingPort, aws: rootOf(emulator) },
    environment: shared,
    onLog: (taskId, line) => logTask(`${taskId} ${line}`),
  });
  running.defer(gpuTasks.close);
  const environment = { ...shared, AWS_PROFILE: ROOT_PROFILE };
  return { options, emulator, environment, profilesFile, gpuTasks };
}

async function deploy(opened: Opened, assembly: string): Promise<DeployedStack> {
  const { emulator, profilesFile, gpuTasks } = opened;
  const quietly = ['--require-approval', 'never', '--progress', 'events'];
  await cdk(opened, DEPLOY_LIMIT_MS, ['deploy', '--app', assembly, ...quietly]);
  const client = new CloudFormationClient(rootOf(emulator));
  const stack = await readDeployedStack(client, assembly);
  client.destroy();
  const roles = stack.ofType('AWS::IAM::Role').map(({ physicalId }) => physicalId);
  writeProfiles(profilesFile, emulator.rootCredentials, roles);
  await gpuTasks.follow(stack);
  return stack;
}

function cdk({ options, environment }: Opened, limitMs: number, args: readonly string[]): Promise<void> {
  const onLine = (line: string) => appendFileSync(join(options.directory, 'cdk.log'), `${line}\n`);
  const cwd = options.directory;
  return runCdk({ arguments: [...args, '--no-notices'], cwd, env: environment, limitMs, onLine });
}

async function inventory({ options, environment }: Opened): Promise<readonly string[]> {
  const script = join(import.meta.dirname, 'inventory.py');
  const program = { command: options.home.python, arguments: [script], env: environment };
  return JSON.parse(await runProgram({ ...program, limitMs: INVENTORY_LIMIT_MS })) as string[];
}

function rootOf({ url, rootCredentials }: Emulator) {
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } =
    rootCredentials;
  return { endpoint: url, region: REGION, credentials: { accessKeyId, secretAccessKey } };
}

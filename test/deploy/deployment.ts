import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DescribeTasksCommand, ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { S3Client } from '@aws-sdk/client-s3';
import OpenAI from 'openai';
import { vi } from 'vitest';
import { buildAgentImage } from '../../local/build/agent-image.ts';
import { synthesize } from '../../local/synth.ts';
import { openAccount } from '../../scripts/ministack/account.ts';
import { apiUrl } from '../../scripts/ministack/api-url.ts';
import type { DeployedStack } from '../../scripts/ministack/deployed-stack.ts';
import { ministackHome } from '../../scripts/ministack/home.ts';
import { heldIds } from '../e2e/segments.ts';
import { githubDifference, openGithubRoles } from './github-roles.ts';

const CLI = join(import.meta.dirname, '..', '..', 'cli');

export type Deployment = Awaited<ReturnType<typeof openDeployment>>;

/** The profile `demo` in an emulated account of its own; an update makes `local` of it, which has further Fleets. */
export async function openDeployment() {
  await using starting = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'slackline-deploy-'));
  starting.defer(() => rmSync(directory, { recursive: true, force: true }));
  const [first, next, imageRoot] = await Promise.all([
    synthesize({ profile: 'demo' }),
    synthesize({ profile: 'local' }),
    buildAgentImage(),
  ]);
  const path = process.env['PATH'] ?? '';
  const account = await openAccount({ home: ministackHome(process.env), directory, imageRoot, path });
  starting.defer(account.close);
  const before = await account.inventory();
  let stack = await account.deploy(first);
  // What SDK clients of this process find by themselves; they read the profiles once.
  for (const [name, value] of Object.entries(account.environment)) {
    if (name.startsWith('AWS_')) vi.stubEnv(name, value);
  }
  starting.defer(() => void vi.unstubAllEnvs());
  const command = (...args: readonly string[]) => runCommand(account.environment, args);
  const table = stack.outputs['TableName'] ?? '';
  const apiKey = (await command('keys.ts', '--table', table, 'create', '--tenant', 'acme')).trim();
  const ecs = new ECSClient();
  const cluster = stack.physicalId('Gpu/Cluster/Resource');
  const running = starting.move();
  return {
    account,
    before,
    stack: () => stack,
    /** A program of cli/ as the account's root, and what it prints; throws where it fails. */
    command,
    client: (key = apiKey) =>
      new OpenAI({
        baseURL: apiUrl(account.url, stack.outputs['BaseUrl'] ?? ''),
        apiKey: key,
        maxRetries: 0,
      }),
    held: (batchId: string) => heldIds(new S3Client(), stack.physicalId('Store/Bucket/Resource'), batchId),
    /** ARNs of the Tasks whose process runs. */
    async tasks(): Promise<readonly string[]> {
      const { taskArns: tasks = [] } = await ecs.send(new ListTasksCommand({ cluster }));
      if (tasks.length === 0) return [];
      const described = await ecs.send(new DescribeTasksCommand({ cluster, tasks }));
      const running = (described.tasks ?? []).filter(({ lastStatus }) => lastStatus === 'RUNNING');
      return running.map(({ taskArn = '' }) => taskArn);
    },
    async update(): Promise<DeployedStack> {
      stack = await account.deploy(next);
      return stack;
    },
    /** Between what was deployed first and what is now, as a deployment by GitHub shows it. */
    githubDifference: (environment: Readonly<Record<string, string>>) =>
      githubDifference(account, { assembly: first, directory, environment }),
    openGithubRoles: () => openGithubRoles(account, stack.name),
    /** Every call that was denied, whoever made it. */
    denials: (): readonly string[] =>
      readFileSync(join(directory, 'emulator.log'), 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('DENIED ')),
    destroy: () => account.destroy(next),
    close: () => running.disposeAsync(),
  };
}

/** Not `spawnSync`: the emulator waits for answers of the ECS in this process, and the program for the emulator. */
async function runCommand(
  env: Readonly<Record<string, string>>,
  [program = '', ...args]: readonly string[],
): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(CLI, program), ...args], {
    ...{ env, timeout: 30_000 },
  });
  return stdout;
}

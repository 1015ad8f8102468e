import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

const ROOT = join(import.meta.dirname, '..', '..');

export type Deployment = Awaited<ReturnType<typeof openDeployment>>;

/** The profile `demo` in an emulated account of its own; an update makes `test` of it. */
export async function openDeployment() {
  await using starting = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'slackline-deploy-'));
  starting.defer(() => rmSync(directory, { recursive: true, force: true }));
  const [first, next, imageRoot] = await Promise.all([
    synthesize({ profile: 'demo' }),
    synthesize({ profile: 'test' }),
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
  const apiKey = newKey(account.environment, stack);
  const ecs = new ECSClient();
  const cluster = stack.physicalId('Gpu/Cluster/Resource');
  const running = starting.move();
  return {
    account,
    before,
    stack: () => stack,
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
    /** Every call that was denied, whoever made it. */
    denials: (): readonly string[] =>
      readFileSync(join(directory, 'emulator.log'), 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('DENIED ')),
    destroy: () => account.destroy(next),
    close: () => running.disposeAsync(),
  };
}

/** As README tells people to make one. */
function newKey(environment: Readonly<Record<string, string>>, { outputs }: DeployedStack): string {
  const args = ['cli/keys.ts', '--table', outputs['TableName'] ?? '', 'create', '--tenant', 'acme'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    env: environment,
    encoding: 'utf8',
    timeout: 30_000,
  });
  if (status !== 0) throw new Error(`npm run keys ended with ${status}: ${stderr}`);
  return stdout.trim();
}

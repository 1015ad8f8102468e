import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Account } from '../../scripts/ministack/account.ts';
import { runCdk } from '../../scripts/ministack/cdk.ts';

const TEMPLATE = join(import.meta.dirname, '..', '..', '.github', 'deploy-roles.yaml');
const STACK = { StackName: 'slackline-deploy' };
const ISSUER = 'https://token.actions.githubusercontent.com';
const DIFF_LIMIT_MS = 180_000;

export interface GithubRoles {
  /** Environment of a program that has taken on DiffRole with a token of GitHub for this subject. */
  diffRole(subject: string): Promise<Readonly<Record<string, string>>>;
  remove(): Promise<void>;
}

/** Makes the roles of .github/deploy-roles.yaml for a stack, the repository `o/n` and the environment `dev`. */
export async function openGithubRoles({ root }: Account, stackName: string): Promise<GithubRoles> {
  const cloudFormation = new CloudFormationClient(root);
  const waiter = { client: cloudFormation, maxWaitTime: 30, minDelay: 1, maxDelay: 1 };
  const parameters = { Repository: 'o/n', Environment: 'dev', MakeProvider: 'false', StackName: stackName };
  await cloudFormation.send(
    new CreateStackCommand({
      ...STACK,
      TemplateBody: readFileSync(TEMPLATE, 'utf8'),
      Capabilities: ['CAPABILITY_IAM'],
      Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
    }),
  );
  await waitUntilStackCreateComplete(waiter, STACK);
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand(STACK));
  const outputs = Stacks[0]?.Outputs ?? [];
  const RoleArn = outputs.find(({ OutputKey }) => OutputKey === 'DiffRoleArn')?.OutputValue;
  const sts = new STSClient(root);
  return {
    async diffRole(subject) {
      const token = { RoleSessionName: 'github', WebIdentityToken: tokenOf(subject) };
      const { Credentials } = await sts.send(new AssumeRoleWithWebIdentityCommand({ RoleArn, ...token }));
      return {
        AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? '',
        AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? '',
        AWS_SESSION_TOKEN: Credentials?.SessionToken ?? '',
      };
    },
    async remove() {
      await cloudFormation.send(new DeleteStackCommand(STACK));
      await waitUntilStackDeleteComplete(waiter, STACK);
    },
  };
}

/** As GitHub gives it to a job, unsigned: the emulator reads what it says and checks no signature. */
function tokenOf(subject: string): string {
  const claims = { iss: ISSUER, aud: 'sts.amazonaws.com', sub: subject };
  const parts = [{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)));
  return [...parts.map((part) => part.toString('base64url')), 'signature'].join('.');
}

export interface DifferenceOptions {
  /** What is compared with the deployed template. */
  readonly assembly: string;
  readonly directory: string;
  /** Of who asks, above the account's. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What `cdk diff` prints, as the workflow asks for it. */
export async function githubDifference(account: Account, options: DifferenceOptions): Promise<string> {
  const { assembly, directory, environment } = options;
  const printed: string[] = [];
  await runCdk({
    arguments: ['diff', '--ci', '--method=template', '--app', assembly, '--no-notices'],
    cwd: directory,
    env: { ...account.environment, AWS_PROFILE: '', ...environment },
    limitMs: DIFF_LIMIT_MS,
    onLine: (line) => printed.push(line),
  });
  return printed.join('\n');
}

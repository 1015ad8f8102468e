import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { apiVersion } from '../../adapters/api-version.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { createKey } from '../../cli/create-key.ts';
import { buildAgentImage } from '../../local/build/agent-image.ts';
import { synthesize } from '../../local/synth.ts';
import { type Account, openAccount } from './account.ts';
import { apiUrl } from './api-url.ts';
import { ministackHome } from './home.ts';
import { installMinistack } from './install.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const ANSWER_LIMIT_MS = 30_000;

/** `npm run deploy:try`: deploys to an emulated account, lives until Ctrl-C, destroys; with `--once` without the wait. */
async function main(directory: string): Promise<void> {
  const { once } = parseArgs({ options: { once: { type: 'boolean', default: false } } }).values;
  const asked = untilSignal();
  const home = ministackHome(process.env);
  await installMinistack(home, say);
  say('Synthesizing the app.');
  const [assembly, imageRoot] = await Promise.all([synthesize({ profile: 'demo' }), buildAgentImage()]);
  say('Starting the account: IAM is enforced there.');
  await using account = disposable(
    await openAccount({ home, directory, imageRoot, path: process.env['PATH'] ?? '' }),
  );
  say('cdk deploy');
  const { outputs } = await account.deploy(assembly);
  const baseUrl = apiUrl(account.url, outputs['BaseUrl'] ?? '');
  const apiKey = await newKey(account, outputs['TableName'] ?? '');
  if (once) {
    say(await versionAt(baseUrl, apiKey));
  } else {
    say(welcome(directory, baseUrl, apiKey));
    await asked;
  }
  say('cdk destroy');
  await account.destroy(assembly);
}

const disposable = (account: Account) => ({ ...account, [Symbol.asyncDispose]: account.close });

function newKey({ root }: Account, tableName: string): Promise<string> {
  const key = { tenant: 'default', name: 'made by deploy:try', nowMs: Date.now() };
  return createKey(dynamoRecords(new DynamoDBClient(root), tableName), key);
}

async function versionAt(baseUrl: string, apiKey: string): Promise<string> {
  const answer = await apiVersion({ baseUrl, apiKey, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  if (answer.kind !== 'version') throw new Error(`The API gave no version: ${JSON.stringify(answer)}`);
  return `The API runs ${answer.version.version}.`;
}

const welcome = (directory: string, baseUrl: string, apiKey: string): string => `
Deployed. Ctrl-C destroys it. Logs: ${directory}

  Base URL  ${baseUrl}
  API key   ${apiKey}

The certificate is of no known authority. Clients on Node take it with
  NODE_EXTRA_CA_CERTS=${join(directory, 'authority.pem')}
`;

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    // A second one ends at once, and the emulator with this process.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}

const directory = mkdtempSync(join(tmpdir(), 'slackline-deploy-'));
try {
  await main(directory);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Code, type FunctionOptions, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { afterAll } from 'vitest';
import { type Deployment, readAssembly } from '../../../local/template/deployment.ts';

export const environment = {
  region: 'eu-central-1',
  accountId: '111122223333',
  partition: 'aws',
  endpoints: { sqs: 'http://127.0.0.1:9324', gateway: 'http://127.0.0.1:8080' },
};

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed at the end of the test file. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slackline-assembly-'));
  folders.push(folder);
  return folder;
}

/** Synthesizes an app to a folder of its own and reads it. */
export function deploy(build: (app: App) => void, outdir = newFolder()): Deployment {
  const app = new App({ outdir, analyticsReporting: false });
  build(app);
  app.synth({ skipValidation: true });
  return readAssembly(outdir, environment);
}

/** A function whose code is given as the text of its files. */
export function functionOf(
  stack: Stack,
  id: string,
  code: string | Readonly<Record<string, string>>,
  options: FunctionOptions & { readonly handler?: string } = {},
): LambdaFunction {
  const folder = newFolder();
  for (const [name, text] of Object.entries(typeof code === 'string' ? { 'index.mjs': code } : code)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return new LambdaFunction(stack, id, {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(folder),
    ...options,
  });
}

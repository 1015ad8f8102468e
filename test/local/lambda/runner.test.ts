import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import type { FunctionOptions } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { afterEach, expect, it, vi } from 'vitest';
import {
  type LambdaRunner,
  type LambdaRunnerOptions,
  startLambdaRunner,
} from '../../../local/lambda/runner.ts';
import { deploy, functionOf, newFolder } from '../template/assembly.ts';

const running: LambdaRunner[] = [];
afterEach(async () => {
  for (const runner of running.splice(0)) await runner.close();
});

interface Started {
  readonly runner: LambdaRunner;
  readonly name: string;
  readonly lines: string[];
}

type Code = Parameters<typeof functionOf>[2];

async function start(
  code: Code,
  options: FunctionOptions & { readonly handler?: string } = {},
  runnerOptions: Partial<LambdaRunnerOptions> = {},
  outdir = newFolder(),
): Promise<Started> {
  const deployment = deploy((app) => {
    const stack = new Stack(app, 'One');
    const environment = { BUCKET: new Bucket(stack, 'Files', { bucketName: 'files' }).bucketArn };
    functionOf(stack, 'Fn', code, { environment, ...options });
  }, outdir);
  const lines: string[] = [];
  const runner = await startLambdaRunner({
    deployment,
    environment: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' },
    onLog: (_name, line) => lines.push(line),
    ...runnerOptions,
  });
  running.push(runner);
  const [fn] = deployment.ofType('AWS::Lambda::Function');
  return { runner, name: deployment.physical(fn?.logicalId ?? ''), lines };
}

const echo = 'export const handler = async (event) => event;';
/** Answers with its pid once the file that the event names is there. */
const waitForFile = `
  import { existsSync, writeFileSync } from 'node:fs';
  import { setTimeout } from 'node:timers/promises';
  export const handler = async ({ mine, until }) => {
    writeFileSync(mine, '');
    while (!existsSync(until)) await setTimeout(5);
    return process.pid;
  };`;

it('calls the handler with event, context and the resolved environment', async () => {
  const { runner, name } = await start(
    `export const handler = async (event, context) => ({
      event,
      remaining: context.getRemainingTimeInMillis(),
      context: JSON.parse(JSON.stringify(context)),
      env: [process.env.BUCKET, process.env.AWS_REGION, process.env.AWS_ENDPOINT_URL_S3, process.env.TZ],
      name: process.env.AWS_LAMBDA_FUNCTION_NAME,
    });`,
    { memorySize: 512, timeout: Duration.seconds(20) },
  );
  const result = await runner.invoke(name, { hello: 'wörld' });
  expect(result).toMatchObject({
    kind: 'success',
    payload: {
      event: { hello: 'wörld' },
      env: ['arn:aws:s3:::files', 'eu-central-1', 'http://127.0.0.1:1', ':UTC'],
      name,
      context: {
        functionName: name,
        memoryLimitInMB: '512',
        awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        invokedFunctionArn: `arn:aws:lambda:eu-central-1:111122223333:function:${name}`,
      },
    },
  });
  const { remaining } = (result as { payload: { remaining: number } }).payload;
  expect(remaining).toBeGreaterThan(15_000);
  expect(remaining).toBeLessThanOrEqual(20_000);
});

it('takes a name, an ARN, and an ARN with a qualifier', async () => {
  const { runner, name } = await start(echo);
  const arn = `arn:aws:lambda:eu-central-1:111122223333:function:${name}`;
  for (const id of [name, arn, `${arn}:live`]) {
    expect(await runner.invoke(id, 1)).toEqual({ kind: 'success', payload: 1 });
  }
  expect(await runner.invoke('other', 1)).toMatchObject({ errorType: 'ResourceNotFoundException' });
});

it('loads CommonJS, whatever package.json stands above the code', async () => {
  const { runner, name } = await start(
    {
      'src/index.js': "const { answer } = require('./answer.js'); exports.handler = async () => answer;",
      'src/answer.js': 'module.exports = { answer: 42 };',
    },
    { handler: 'src/index.handler' },
    {},
    projectFolder(),
  );
  expect(await runner.invoke(name, {})).toEqual({ kind: 'success', payload: 42 });
});

it('does not find a package that lies above the code', async () => {
  const code = "import { found } from 'neighbour'; export const handler = async () => found;";
  const { runner, name } = await start(code, {}, {}, projectFolder());
  expect(await runner.invoke(name, {})).toMatchObject({
    errorType: 'Runtime.ImportModuleError',
    errorMessage: expect.stringContaining("'neighbour'"),
  });
});

/** A project of ES modules with a dependency, in which `cdk.out` will lie. */
function projectFolder(): string {
  const project = newFolder();
  const dependency = join(project, 'node_modules/neighbour');
  mkdirSync(dependency, { recursive: true });
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(dependency, 'package.json'), '{ "type": "module", "exports": "./index.js" }');
  writeFileSync(join(dependency, 'index.js'), 'export const found = true;');
  return join(project, 'cdk.out');
}

it('keeps a child for the next call and passes on what it prints', async () => {
  const { runner, name, lines } = await start(
    'let calls = 0; export const handler = async () => { console.log("call"); return [process.pid, ++calls]; };',
  );
  await runner.warm(name);
  const first = (await runner.invoke(name, {})) as { payload: [number, number] };
  const second = (await runner.invoke(name, {})) as { payload: [number, number] };
  expect(second.payload).toEqual([first.payload[0], 2]);
  await vi.waitUntil(() => lines.filter((line) => line === 'call').length === 2);
});

it('runs overlapping calls in children of their own', async () => {
  const { runner, name } = await start(waitForFile, { timeout: Duration.seconds(20) });
  const folder = newFolder();
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  const [one, two] = await Promise.all([
    runner.invoke(name, { mine: a, until: b }),
    runner.invoke(name, { mine: b, until: a }),
  ]);
  expect([one.kind, two.kind]).toEqual(['success', 'success']);
  expect(one).not.toEqual(two);
});

it('refuses calls beyond the reserved concurrency', async () => {
  const { runner, name } = await start(echo, { reservedConcurrentExecutions: 1 });
  const results = await Promise.all([runner.invoke(name, 1), runner.invoke(name, 2)]);
  expect(results).toEqual([
    { kind: 'success', payload: 1 },
    { kind: 'error', errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.' },
  ]);
});

it('lets calls wait where only the cap on children is reached', async () => {
  const { runner, name } = await start(
    'export const handler = async () => process.pid;',
    {},
    { maxChildrenPerFunction: 1 },
  );
  const results = await Promise.all([1, 2, 3].map(() => runner.invoke(name, {})));
  expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
  expect(results[2]).toMatchObject({ kind: 'success' });
});

it('kills a function at its timeout and starts another for the next call', async () => {
  const { runner, name, lines } = await start(
    'export const handler = async ({ hang }) => (hang ? new Promise(() => setInterval(() => {}, 1000)) : process.pid);',
    { timeout: Duration.seconds(1) },
  );
  const before = await runner.invoke(name, {});
  expect(await runner.invoke(name, { hang: true })).toEqual({
    kind: 'error',
    errorType: 'Sandbox.Timedout',
    errorMessage: expect.stringMatching(/Task timed out after 1\.00 seconds$/),
  });
  expect(lines).toEqual([expect.stringContaining('Task timed out after 1.00 seconds')]);
  const after = await runner.invoke(name, {});
  expect(after.kind).toBe('success');
  expect(after).not.toEqual(before);
});

it('gives the type and message of what a handler throws, and the child lives on', async () => {
  const { runner, name } = await start(`
    class ShardGone extends Error { name = 'ShardGone'; }
    export const handler = async ({ fail }) => { if (fail) throw new ShardGone('no shard 7'); return process.pid; };`);
  const before = await runner.invoke(name, {});
  expect(await runner.invoke(name, { fail: true })).toEqual({
    kind: 'error',
    errorType: 'ShardGone',
    errorMessage: 'no shard 7',
  });
  expect(await runner.invoke(name, {})).toEqual(before);
});

it('replaces a child that dies', async () => {
  const { runner, name } = await start(
    'export const handler = async ({ code }) => { if (code) process.exit(code); return "alive"; };',
  );
  expect(await runner.invoke(name, { code: 7 })).toMatchObject({
    errorType: 'Runtime.ExitError',
    errorMessage: expect.stringContaining('exit status 7'),
  });
  expect(await runner.invoke(name, {})).toEqual({ kind: 'success', payload: 'alive' });
});

it.each([
  ['Runtime.UserCodeSyntaxError', 'export const handler = async ( => 1;', 'index.handler'],
  ['Runtime.ImportModuleError', "import 'left-pad'; export const handler = async () => 1;", 'index.handler'],
  ['Runtime.ImportModuleError', 'export const handler = async () => 1;', 'missing.handler'],
  ['Runtime.HandlerNotFound', 'export const handle = async () => 1;', 'index.handler'],
  ['Runtime.CallbackHandlerDeprecated', 'export const handler = (e, c, done) => done();', 'index.handler'],
  ['Error', 'throw new Error("LIMIT is missing"); export const handler = async () => 1;', 'index.handler'],
])('answers %s for code that cannot be loaded: %s', async (type, code, handler) => {
  const { runner, name } = await start(code, { handler });
  const result = await runner.invoke(name, {});
  expect(result).toMatchObject({
    kind: 'error',
    errorType: type,
  });
  await expect(runner.warm(name)).rejects.toThrow(/does not start/);
});

it('holds payloads to the limits of Lambda', async () => {
  const { runner, name } = await start('export const handler = async ({ bytes }) => "x".repeat(bytes ?? 0);');
  const mb = 1024 * 1024;
  const sized = (bytes: number) => 'x'.repeat(bytes - 2);
  expect(await runner.invoke(name, sized(6 * mb))).toMatchObject({ kind: 'success' });
  expect(await runner.invoke(name, sized(6 * mb + 1))).toMatchObject({
    errorType: 'RequestTooLargeException',
  });
  expect(await runner.invoke(name, sized(mb + 1), 'async')).toMatchObject({
    errorType: 'RequestTooLargeException',
  });
  expect(await runner.invoke(name, { bytes: 6 * mb + 98 })).toMatchObject({ kind: 'success' });
  expect(await runner.invoke(name, { bytes: 6 * mb + 99 })).toMatchObject({
    errorType: 'Function.ResponseSizeTooLarge',
  });
});

it('accepts an async call at once and tries it again when it fails', async () => {
  const { runner, name, lines } = await start(
    'let n = 0; export const handler = async () => { console.log(`try ${++n}`); if (n < 3) throw new Error("no"); };',
    {},
    { asyncRetryDelaysMs: [1, 1] },
  );
  expect(await runner.invoke(name, {}, 'async')).toEqual({ kind: 'success', payload: null });
  await vi.waitUntil(() => lines.includes('try 3'), { timeout: 10_000 });
});

it('answers the Invoke operation over HTTP', async () => {
  const { runner, name } = await start(
    'export const handler = async ({ fail }) => { if (fail) throw new TypeError("no"); return "yes"; };',
  );
  const post = (id: string, event: unknown, headers: Record<string, string> = {}) =>
    fetch(`${runner.url}/2015-03-31/functions/${id}/invocations`, {
      method: 'POST',
      body: JSON.stringify(event),
      headers,
    });
  const good = await post(name, {});
  expect([good.status, await good.json()]).toEqual([200, 'yes']);
  const bad = await post(name, { fail: true });
  expect([bad.status, bad.headers.get('x-amz-function-error')]).toEqual([200, 'Unhandled']);
  expect(await bad.json()).toEqual({ errorType: 'TypeError', errorMessage: 'no' });
  expect((await post(name, {}, { 'x-amz-invocation-type': 'Event' })).status).toBe(202);
  expect((await post('other', {})).status).toBe(404);
});

it('ends its children when it is closed, those that are busy too', async () => {
  const { runner, name } = await start(
    'export const handler = async () => { console.log(`pid ${process.pid}`); return new Promise(() => setInterval(() => {}, 1000)); };',
    { timeout: Duration.seconds(60) },
  );
  const call = runner.invoke(name, {});
  await runner.close();
  running.length = 0;
  expect(await call).toMatchObject({ kind: 'error' });
});

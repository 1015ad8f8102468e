// The runtime client of a function's child process: it loads the handler and speaks the Lambda Runtime API
// (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html), as the managed Node 24 runtime does.
import { existsSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import Module, { registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const { env } = process;
const taskRoot = env.LAMBDA_TASK_ROOT;
const taskUrl = pathToFileURL(`${taskRoot}/`).href;
const api = `http://${env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const agent = new Agent({ keepAlive: true });
let current;

registerHooks({ resolve: resolveAsOnLambda });
Module._extensions['.js'] = compileAsOnLambda(Module._extensions['.js']);
process.on('uncaughtException', (error) => void fail(error, 129));
process.on('unhandledRejection', (reason) => {
  const { errorMessage, trace } = describe(reason);
  void fail({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage, trace }, 128);
});

let handler;
try {
  handler = await loadHandler();
} catch (error) {
  await post('/init/error', initError(error));
  process.exit(1);
}
for (;;) await serveOne();

async function serveOne() {
  const { headers, body } = await call('GET', '/invocation/next');
  current = headers['lambda-runtime-aws-request-id'];
  env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
  let path = 'response';
  let answer;
  try {
    answer = (await handler(JSON.parse(body), contextOf(headers))) ?? null;
    JSON.stringify(answer);
  } catch (error) {
    path = 'error';
    answer = describe(error);
    console.error(`${answer.errorType}: ${answer.trace.join('\n')}`);
  }
  const id = current;
  current = undefined;
  await post(`/invocation/${id}/${path}`, answer);
}

function contextOf(headers) {
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms']);
  const clientContext = headers['lambda-runtime-client-context'];
  return {
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    callbackWaitsForEmptyEventLoop: true,
    ...(clientContext === undefined ? {} : { clientContext: JSON.parse(clientContext) }),
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

async function loadHandler() {
  const slash = env._HANDLER.lastIndexOf('/') + 1;
  const dot = env._HANDLER.indexOf('.', slash);
  const base = join(taskRoot, env._HANDLER.slice(0, dot));
  const file = ['.js', '.mjs', '.cjs'].map((extension) => base + extension).find(existsSync);
  if (file === undefined) {
    throw initFailure('Runtime.ImportModuleError', `Cannot find module '${env._HANDLER.slice(0, dot)}'`);
  }
  const loaded = await import(pathToFileURL(file).href);
  const path = env._HANDLER.slice(dot + 1).split('.');
  const reach = (from) => path.reduce((value, name) => value?.[name], from);
  const found = reach(loaded) ?? reach(loaded.default);
  if (typeof found !== 'function') {
    throw initFailure('Runtime.HandlerNotFound', `${env._HANDLER} is undefined or not exported`);
  }
  if (found.length >= 3) {
    throw initFailure(
      'Runtime.CallbackHandlerDeprecated',
      'AWS Lambda does not support callback-based function handlers on Node.js 24: use an async handler.',
    );
  }
  return found;
}

// The code's own folder is all that a function has on AWS: no package.json above it says how its files are
// read, and no node_modules above it answers an import, but for the SDK that the runtime brings.
function resolveAsOnLambda(specifier, context, next) {
  const resolved = next(specifier, context);
  if (!resolved.url.startsWith('file:')) return resolved;
  if (!resolved.url.startsWith(taskUrl)) {
    if (context.parentURL?.startsWith(taskUrl) && !isInRuntime(specifier)) {
      throw initFailure(
        'Runtime.ImportModuleError',
        `Cannot find package '${specifier}' in the function's code.`,
      );
    }
    return resolved;
  }
  return isUntyped(resolved.url) ? { ...resolved, format: 'commonjs' } : resolved;
}

// A resolve hook decides for `import` only; `require` decides by this table.
function compileAsOnLambda(compile) {
  return (module, file) => {
    if (!isUntyped(pathToFileURL(file).href)) return compile(module, file);
    return module._compile(readFileSync(file, 'utf8'), file, 'commonjs');
  };
}

function isUntyped(url) {
  if (!url.startsWith(taskUrl) || !url.endsWith('.js')) return false;
  return !hasPackageJson(dirname(fileURLToPath(url)));
}

function isInRuntime(specifier) {
  return specifier.startsWith('@aws-sdk/') || specifier.startsWith('@smithy/');
}

function hasPackageJson(directory) {
  if (existsSync(join(directory, 'package.json'))) return true;
  return directory !== taskRoot && hasPackageJson(dirname(directory));
}

function initFailure(errorType, errorMessage) {
  return Object.assign(new Error(errorMessage), { name: errorType });
}

function initError(error) {
  const described = describe(error);
  const isImport = error?.code === 'ERR_MODULE_NOT_FOUND' || error?.code === 'MODULE_NOT_FOUND';
  if (isImport) return { ...described, errorType: 'Runtime.ImportModuleError' };
  if (error instanceof SyntaxError) return { ...described, errorType: 'Runtime.UserCodeSyntaxError' };
  return described;
}

function describe(error) {
  if (error instanceof Error || (typeof error?.message === 'string' && typeof error?.name === 'string')) {
    const trace = String(error.stack ?? error.message).split('\n');
    return { errorType: error.name, errorMessage: error.message, trace };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

async function fail(error, code) {
  const described = 'errorType' in Object(error) ? error : describe(error);
  console.error(`${described.errorType}: ${described.errorMessage}`);
  if (current !== undefined) await post(`/invocation/${current}/error`, described);
  process.exit(code);
}

function post(path, value) {
  return call('POST', path, JSON.stringify(value) ?? 'null');
}

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const outgoing = request(api + path, { method, agent }, (incoming) => {
      const chunks = [];
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({ headers: incoming.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.on('error', () => process.exit(1));
    outgoing.end(body);
  });
}

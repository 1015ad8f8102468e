import { dirname, join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, LoggingFormat, Runtime, SystemLogLevel, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { EnvironmentName } from '../core/environment.ts';
import { acknowledge } from './acknowledge.ts';
import { type LogSettings, logGroup } from './log-group.ts';
import { acknowledgeUntraced } from './untraced.ts';

const LAMBDAS = join(import.meta.dirname, '..', 'lambdas');

/** What every function of a stack shares. */
export interface FunctionDefaults {
  /** The file that lies beside every bundle as catalogue.json. */
  readonly catalogueFile: string;
  readonly logs: LogSettings;
  /** Whether X-Ray gets traces. */
  readonly tracing: boolean;
}

export interface SlacklineFunctionProps extends FunctionDefaults {
  /** The folder in lambdas/. */
  readonly name: string;
  readonly environment?: Partial<Readonly<Record<EnvironmentName, string>>>;
  /** @default - 30 seconds */
  readonly timeout?: Duration;
  /** @default 512 */
  readonly memoryMiB?: number;
  /** Where the events go that it fails on when it is called without waiting. @default - every caller waits */
  readonly deadLetters?: IQueue;
}

/** A function of lambdas/, bundled as one ES module with its SDK clients. */
export function slacklineFunction(
  scope: Construct,
  id: string,
  props: SlacklineFunctionProps,
): NodejsFunction {
  const logs = logGroup(scope, `${id}Logs`, props.logs);
  const fn = new NodejsFunction(scope, id, {
    entry: join(LAMBDAS, props.name, 'index.ts'),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    timeout: props.timeout ?? Duration.seconds(30),
    memorySize: props.memoryMiB ?? 512,
    tracing: props.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
    role: roleFor(scope, { id, logs, tracing: props.tracing }),
    environment: {
      POWERTOOLS_SERVICE_NAME: props.name,
      ...props.environment,
    },
    logGroup: logs,
    // Lambda's own lines only of calls that fail: of the others they are 400 bytes a call, as much as a function says.
    loggingFormat: LoggingFormat.JSON,
    systemLogLevelV2: SystemLogLevel.WARN,
    ...(props.deadLetters === undefined ? {} : { deadLetterQueue: props.deadLetters }),
    projectRoot: dirname(LAMBDAS),
    depsLockFilePath: join(dirname(LAMBDAS), 'package-lock.json'),
    bundling: bundling(props.catalogueFile),
  });
  if (props.deadLetters === undefined) acknowledge(fn, { 'Serverless-LambdaDLQ': WAITED_FOR });
  if (!props.tracing) acknowledgeUntraced(fn, ['Serverless-LambdaTracing']);
  return fn;
}

const WAITED_FOR =
  'Every caller waits for the answer and tries again itself: the API, a state machine or a queue.';

interface RoleFacts {
  /** Of the function. */
  readonly id: string;
  readonly logs: ILogGroup;
  readonly tracing: boolean;
}

/** May write to its own log group, where AWS's managed policy would let it write to every log of the account. */
function roleFor(scope: Construct, { id, logs, tracing }: RoleFacts): Role {
  const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logs.grantWrite(role);
  if (!tracing) return role;
  acknowledge(role, {
    'AwsSolutions-IAM5[Resource::*]': 'X-Ray knows no resources for the traces sent to it.',
  });
  return role;
}

/** One ES module: the smallest and the quickest to import; some dependencies still call `require`. */
function bundling(catalogueFile: string) {
  return {
    format: OutputFormat.ESM,
    target: 'node24',
    minify: true,
    keepNames: true,
    mainFields: ['module', 'main'],
    banner: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
    bundleAwsSDK: true,
    commandHooks: {
      beforeInstall: () => [],
      beforeBundling: () => [],
      afterBundling: (_input: string, output: string) => [`cp "${catalogueFile}" "${output}/catalogue.json"`],
    },
  };
}

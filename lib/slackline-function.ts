import { dirname, join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { EnvironmentName } from '../core/environment.ts';

const LAMBDAS = join(import.meta.dirname, '..', 'lambdas');

/** What every function of a stack shares. */
export interface FunctionDefaults {
  /** The file that lies beside every bundle as catalogue.json. */
  readonly catalogueFile: string;
  readonly logRetentionDays: RetentionDays;
}

export interface SlacklineFunctionProps extends FunctionDefaults {
  /** The folder in lambdas/. */
  readonly name: string;
  readonly environment?: Partial<Readonly<Record<EnvironmentName, string>>>;
  /** @default - 30 seconds */
  readonly timeout?: Duration;
  /** @default 512 */
  readonly memoryMiB?: number;
}

/** A function of lambdas/, bundled as one ES module with its SDK clients. */
export function slacklineFunction(
  scope: Construct,
  id: string,
  props: SlacklineFunctionProps,
): NodejsFunction {
  return new NodejsFunction(scope, id, {
    entry: join(LAMBDAS, props.name, 'index.ts'),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    timeout: props.timeout ?? Duration.seconds(30),
    memorySize: props.memoryMiB ?? 512,
    tracing: Tracing.ACTIVE,
    environment: {
      POWERTOOLS_SERVICE_NAME: props.name,
      POWERTOOLS_METRICS_NAMESPACE: 'Slackline',
      ...props.environment,
    },
    logGroup: new LogGroup(scope, `${id}Logs`, {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    }),
    projectRoot: dirname(LAMBDAS),
    depsLockFilePath: join(dirname(LAMBDAS), 'package-lock.json'),
    bundling: bundling(props.catalogueFile),
  });
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

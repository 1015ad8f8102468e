import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  DefinitionBody,
  type IChainable,
  LogLevel,
  QueryLanguage,
  StateMachine,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

export interface MachineProps {
  /** Fixed, because functions that the machine calls start executions of it. */
  readonly machineName: string;
  readonly logRetentionDays: RetentionDays;
}

/** A Standard state machine in JSONata; errors are logged, never what its states carry. */
export function machine(
  scope: Construct,
  id: string,
  props: MachineProps,
  definition: IChainable,
): StateMachine {
  return new StateMachine(scope, id, {
    stateMachineName: props.machineName,
    definitionBody: DefinitionBody.fromChainable(definition),
    queryLanguage: QueryLanguage.JSONATA,
    tracingEnabled: true,
    // Step Functions ends an execution after a year; every machine goes on as a new one long before.
    timeout: Duration.days(364),
    logs: {
      level: LogLevel.ERROR,
      includeExecutionData: false,
      destination: new LogGroup(scope, `${id}Logs`, {
        retention: props.logRetentionDays,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    },
  });
}

/** The ARN of a machine by its name, for those that the machine itself refers to. */
export function machineArn(scope: Construct, machineName: string): string {
  return Stack.of(scope).formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: machineName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** Starts and describes executions of a machine. */
export function grantStartExecutions(scope: Construct, machineName: string, grantee: IGrantable): void {
  const arn = machineArn(scope, machineName);
  const allow = (action: string, resource: string) =>
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: [action], resources: [resource] }),
    );
  allow('states:StartExecution', arn);
  allow('states:DescribeExecution', `${arn.replace(':stateMachine:', ':execution:')}:*`);
}

/** Ends the waits of a machine by their tokens. */
export function grantSendTokens(scope: Construct, machineName: string, grantee: IGrantable): void {
  const resources = [machineArn(scope, machineName)];
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['states:SendTaskSuccess'], resources }),
  );
}

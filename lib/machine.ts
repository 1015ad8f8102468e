import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { type IGrantable, type IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  DefinitionBody,
  type IChainable,
  LogLevel,
  QueryLanguage,
  StateMachine,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { type LogSettings, logGroup } from './log-group.ts';
import { allow } from './permission.ts';
import { acknowledgeUntraced } from './untraced.ts';

export interface MachineProps {
  /** Fixed, because functions that the machine calls start executions of it. */
  readonly machineName: string;
  readonly logs: LogSettings;
  /** Whether X-Ray gets traces. */
  readonly tracing: boolean;
}

/** A machine and the functions that its states call, by any names. */
export interface CallingMachineProps extends MachineProps {
  readonly functions: object;
}

const LOGS_ERRORS =
  'Step Functions keeps every event of an execution for 90 days; a second copy in the logs would be paid by event.';

const ASK_FOR_TRACES = ['AwsSolutions-SF2', 'Serverless-StepFunctionStateMachineXray'];

/** A Standard state machine in JSONata; errors are logged, never what its states carry. */
export function machine(
  scope: Construct,
  id: string,
  props: CallingMachineProps,
  definition: IChainable,
): StateMachine {
  const made = new StateMachine(scope, id, {
    stateMachineName: props.machineName,
    definitionBody: DefinitionBody.fromChainable(definition),
    queryLanguage: QueryLanguage.JSONATA,
    tracingEnabled: props.tracing,
    role: roleFor(scope, id, props),
    // Step Functions ends an execution after a year; every machine goes on as a new one long before.
    timeout: Duration.days(364),
    logs: {
      level: LogLevel.ERROR,
      includeExecutionData: false,
      destination: logGroup(scope, `${id}Logs`, props.logs),
    },
  });
  acknowledge(made, { 'AwsSolutions-SF1': LOGS_ERRORS });
  if (!props.tracing) acknowledgeUntraced(made, ASK_FOR_TRACES);
  return made;
}

/** Calls its own functions. What CDK would add by itself lets it call all their versions too. */
function roleFor(scope: Construct, id: string, { functions, tracing }: CallingMachineProps): IRole {
  const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('states.amazonaws.com') });
  const resources = Object.values(functions).map((fn: IFunction) => fn.functionArn);
  allow(role, { actions: ['lambda:InvokeFunction'], resources });
  allow(role, {
    actions: DELIVER_LOGS,
    resources: ['*'],
    because: 'The delivery of logs by other services knows no resources.',
  });
  if (tracing) allow(role, { actions: SEND_TRACES, resources: ['*'], because: 'X-Ray knows no resources.' });
  return role.withoutPolicyUpdates();
}

/** What Step Functions asks of the role of a machine that logs. */
const DELIVER_LOGS = [
  ...['logs:CreateLogDelivery', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery', 'logs:DeleteLogDelivery'],
  ...['logs:ListLogDeliveries', 'logs:PutResourcePolicy', 'logs:DescribeResourcePolicies'],
  'logs:DescribeLogGroups',
];

const SEND_TRACES = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

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
  allow(grantee, { actions: ['states:StartExecution'], resources: [arn] });
  const executions = [`${arn.replace(':stateMachine:', ':execution:')}:*`];
  const because = 'Executions are named at run time, after their Batch or Fleet.';
  allow(grantee, { actions: ['states:DescribeExecution'], resources: executions, because });
}

/** Ends the waits of a machine by their tokens. */
export function grantSendTokens(scope: Construct, machineName: string, grantee: IGrantable): void {
  allow(grantee, { actions: ['states:SendTaskSuccess'], resources: [machineArn(scope, machineName)] });
}

export interface AwsMetrics {
  readonly names: readonly string[];
  /** All that the metrics of a resource are kept by. */
  readonly dimensions: readonly string[];
  /** The property of this type of resource that is the dimension's value: its `Ref`, or the attribute named here. */
  readonly resource: { readonly type: string; readonly attribute?: string; readonly property?: string };
  readonly source: string;
}

const DOCS = 'https://docs.aws.amazon.com';

/** What AWS itself measures, as its documentation lists it: of those only that stand on dashboards or under alarms. */
export const AWS_METRICS: Readonly<Record<string, AwsMetrics>> = {
  'AWS/SQS': {
    names: ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'],
    dimensions: ['QueueName'],
    resource: { type: 'AWS::SQS::Queue', attribute: 'QueueName' },
    source: `${DOCS}/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html`,
  },
  'AWS/States': {
    names: ['ExecutionsFailed'],
    dimensions: ['StateMachineArn'],
    resource: { type: 'AWS::StepFunctions::StateMachine' },
    source: `${DOCS}/step-functions/latest/dg/procedure-cw-metrics.html`,
  },
  'AWS/Lambda': {
    names: ['Errors', 'Throttles', 'Duration', 'Invocations'],
    dimensions: ['FunctionName'],
    resource: { type: 'AWS::Lambda::Function' },
    source: `${DOCS}/lambda/latest/dg/monitoring-metrics-types.html`,
  },
  'AWS/ApiGateway': {
    names: ['Count', '4XXError', '5XXError', 'Latency'],
    // Nothing is sent by Method and Resource without detailed metrics, which cost.
    dimensions: ['ApiName'],
    resource: { type: 'AWS::ApiGateway::RestApi', property: 'Name' },
    source: `${DOCS}/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html`,
  },
};

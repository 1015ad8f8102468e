import { readdirSync } from 'node:fs';
import {
  CfnCondition,
  CfnMapping,
  CfnOutput,
  CfnParameter,
  CfnResource,
  Fn,
  Stack,
  Stage,
  Token,
} from 'aws-cdk-lib';
import { MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { AttributeType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { LaunchTemplate, Vpc } from 'aws-cdk-lib/aws-ec2';
import { EcsOptimizedImage } from 'aws-cdk-lib/aws-ecs';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { expect, it } from 'vitest';
import { readAssembly } from '../../../local/template/deployment.ts';
import { stateMachineDefinition } from '../../../local/template/state-machine-definition.ts';
import { unsupportedTypes } from '../../../local/template/unsupported-types.ts';
import { deploy, environment, functionOf, newFolder } from './assembly.ts';

it('gives every name, ARN and URL as a function of stack and logical id', () => {
  const build = () =>
    deploy((app) => {
      const stack = new Stack(app, 'Data');
      const bucket = new Bucket(stack, 'Files');
      const table = new Table(stack, 'Records', {
        partitionKey: { name: 'pk', type: AttributeType.STRING },
        stream: StreamViewType.NEW_IMAGE,
      });
      const queue = new Queue(stack, 'Shards');
      const rule = new Rule(stack, 'Rule', { eventPattern: { source: ['x'] } });
      const values = {
        Bucket: bucket.bucketArn,
        Table: table.tableArn,
        Stream: table.tableStreamArn ?? '',
        Queue: queue.queueUrl,
        QueueArn: queue.queueArn,
        Rule: rule.ruleArn,
      };
      for (const [name, value] of Object.entries(values)) new CfnOutput(stack, `${name}Out`, { value });
    }).outputs;
  const outputs = build();
  expect(build()).toEqual(outputs);
  expect(outputs['BucketOut']).toMatch(/^arn:aws:s3:::data-files[0-9a-f]{8}-[0-9a-f]{12}$/);
  expect(outputs['TableOut']).toMatch(/^arn:aws:dynamodb:eu-central-1:111122223333:table\/Data-Records/);
  expect(outputs['StreamOut']).toBe(`${outputs['TableOut']}/stream/2026-01-01T00:00:00.000`);
  const queueName = outputs['QueueArnOut']?.split(':').at(-1);
  expect(outputs['QueueOut']).toBe(`http://127.0.0.1:9324/111122223333/${queueName}`);
  expect(outputs['RuleOut']).toMatch(/^arn:aws:events:eu-central-1:111122223333:rule\//);
});

it('prefers the names that a template gives', () => {
  const deployment = deploy((app) => {
    const stack = new Stack(app, 'Data');
    new Bucket(stack, 'Files', { bucketName: `files-${stack.account}` });
    new Queue(stack, 'Shards', { queueName: 'shards.fifo', fifo: true });
  });
  const [bucket] = deployment.ofType('AWS::S3::Bucket');
  const [queue] = deployment.ofType('AWS::SQS::Queue');
  expect(deployment.physical(bucket?.logicalId ?? '')).toBe('files-111122223333');
  expect(deployment.physical(queue?.logicalId ?? '')).toMatch(/\/111122223333\/shards\.fifo$/);
});

it('resolves what one stack takes from another', () => {
  const deployment = deploy((app) => {
    const data = new Stack(app, 'Data');
    const table = new Table(data, 'Records', { partitionKey: { name: 'pk', type: AttributeType.STRING } });
    const api = new Stack(app, 'Api');
    functionOf(api, 'Fn', 'export const handler = async () => 1', {
      environment: { TABLE: table.tableName, ARN: table.tableArn },
    });
  });
  const [table] = deployment.ofType('AWS::DynamoDB::Table');
  const [fn] = deployment.ofType('AWS::Lambda::Function');
  const name = deployment.physical(table?.logicalId ?? '');
  expect(fn?.properties['Environment']).toEqual({
    Variables: { TABLE: name, ARN: `arn:aws:dynamodb:eu-central-1:111122223333:table/${name}` },
  });
});

it('resolves every intrinsic to a plain value', () => {
  const deployment = deploy((app) => {
    const stack = new Stack(app, 'One');
    const bucket = new CfnBucket(stack, 'Files', { bucketName: 'files' });
    const mapping = new CfnMapping(stack, 'Sizes', {
      mapping: { 'eu-central-1': { size: 'small' } },
      lazy: false,
    });
    const mode = new CfnParameter(stack, 'Mode', { default: 'prod' });
    const isProd = new CfnCondition(stack, 'IsProd', {
      expression: Fn.conditionAnd(
        Fn.conditionEquals(mode.valueAsString, 'prod'),
        Fn.conditionNot(Fn.conditionEquals(stack.region, 'us-east-1')),
      ),
    });
    const isTest = new CfnCondition(stack, 'IsTest', { expression: Fn.conditionNot(isProd) });
    new CfnParameter(stack, 'Zones', { type: 'CommaDelimitedList', default: 'a, b' });
    new CfnResource(stack, 'Thing', {
      type: 'Custom::Thing',
      properties: {
        Join: Fn.join('-', ['a', bucket.ref, stack.region]),
        Sub: Fn.sub('${Files}/${Files.Arn}/${Own}/${!Left}/${AWS::Partition}', { Own: bucket.attrArn }),
        Select: Fn.select(1, Fn.split(':', 'a:b:c')),
        SelectFromSplitArn: Fn.select(5, Fn.split(':', bucket.attrArn)),
        If: Fn.conditionIf('IsProd', 'yes', 'no'),
        Left: Fn.conditionIf('IsTest', 'x', Token.asString({ Ref: 'AWS::NoValue' })),
        Map: mapping.findInMap(stack.region, 'size'),
        Base64: Fn.base64(`#!/bin/sh\n${bucket.ref}`),
        Zones: Fn.getAzs(),
        List: { Ref: 'Zones' },
        Stack: stack.stackName,
        Number: 3,
      },
    });
    new CfnResource(stack, 'Absent', { type: 'Custom::Absent' }).cfnOptions.condition = isTest;
  });
  expect(deployment.ofType('Custom::Absent')).toEqual([]);
  expect(deployment.ofType('Custom::Thing')[0]?.properties).toEqual({
    Join: 'a-files-eu-central-1',
    Sub: 'files/arn:aws:s3:::files/arn:aws:s3:::files/${Left}/aws',
    Select: 'b',
    SelectFromSplitArn: 'files',
    If: 'yes',
    Map: 'small',
    Base64: Buffer.from('#!/bin/sh\nfiles').toString('base64'),
    Zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
    List: ['a', 'b'],
    Stack: 'One',
    Number: 3,
  });
});

it('puts a placeholder where a value lies in SSM', () => {
  const deployment = deploy((app) => {
    const stack = new Stack(app, 'Gpu');
    new Vpc(stack, 'Vpc', { natGateways: 0 });
    new LaunchTemplate(stack, 'Template', { machineImage: EcsOptimizedImage.amazonLinux2023() });
  });
  const [template] = deployment.ofType('AWS::EC2::LaunchTemplate');
  expect(template?.properties['LaunchTemplateData']).toMatchObject({ ImageId: 'ami-00000000000000000' });
});

it('names resource and attribute where an attribute is not known', () => {
  const build = () =>
    deploy((app) => {
      const stack = new Stack(app, 'One');
      const queue = new Queue(stack, 'Shards');
      new CfnOutput(stack, 'Out', {
        value: Fn.getAtt(stack.getLogicalId(queue.node.defaultChild as never), 'KmsMasterKeyId').toString(),
      });
    });
  expect(build).toThrow(
    /One\.Out: .*One\.Shards\w+\.KmsMasterKeyId: .*no attribute KmsMasterKeyId of AWS::SQS::Queue/,
  );
});

it('lists by name the types that are not emulated', () => {
  const deployment = deploy((app) => {
    const stack = new Stack(app, 'One');
    new Queue(stack, 'Shards');
    new CfnResource(stack, 'Ledger', { type: 'Custom::Ledger' });
    new CfnResource(stack, 'Other', { type: 'Custom::Ledger' });
  });
  expect(unsupportedTypes(deployment, new Set(['AWS::SQS::Queue']))).toEqual(['Custom::Ledger']);
  expect(deployment.physical('Ledger')).toMatch(/^One-Ledger-/);
});

it('gives a state machine its definition with names and substitutions in it', () => {
  const deployment = deploy((app) => {
    const stack = new Stack(app, 'One');
    const queue = new Queue(stack, 'Shards', { queueName: 'shards' });
    new StateMachine(stack, 'Machine', {
      stateMachineName: 'machine',
      definitionBody: DefinitionBody.fromString(
        JSON.stringify({
          StartAt: 'A',
          States: { A: { Type: 'Pass', Output: { queue: queue.queueArn, x: '${Word}' }, End: true } },
        }),
      ),
      definitionSubstitutions: { Word: 'substituted' },
    });
  });
  const [machine] = deployment.ofType('AWS::StepFunctions::StateMachine');
  if (machine === undefined) throw new Error('no state machine');
  expect(JSON.parse(stateMachineDefinition(deployment, machine)).States.A.Output).toEqual({
    queue: 'arn:aws:sqs:eu-central-1:111122223333:shards',
    x: 'substituted',
  });
  expect(deployment.physical(machine.logicalId)).toBe(
    'arn:aws:states:eu-central-1:111122223333:stateMachine:machine',
  );
});

it('turns the address of an API into that of the local gateway', () => {
  const { outputs } = deploy((app) => {
    const api = new RestApi(new Stack(app, 'Api'), 'Rest', { deployOptions: { stageName: 'prod' } });
    api.root.addMethod('GET', new MockIntegration());
  });
  expect(Object.values(outputs)).toEqual(['http://127.0.0.1:8080/prod/']);
});

it('finds the folder of an asset by its key, in a nested assembly too', () => {
  const deployment = deploy((app) => {
    functionOf(new Stack(new Stage(app, 'Beta'), 'One'), 'Fn', 'export const handler = async () => 1');
  });
  const [fn] = deployment.ofType('AWS::Lambda::Function');
  const key = (fn?.properties['Code'] as { S3Key?: string } | undefined)?.S3Key ?? '';
  expect(readdirSync(deployment.assetPath(key))).toEqual(['index.mjs']);
  expect(() => deployment.assetPath('no.zip')).toThrow(/no asset with the key no\.zip/);
});

it('asks for the stack where two stacks use one logical id', () => {
  const deployment = deploy((app) => {
    for (const id of ['One', 'Two']) new CfnBucket(new Stack(app, id), 'Files');
  });
  expect(() => deployment.physical('Files')).toThrow(/Files stands in One and Two/);
  expect(deployment.physical('Files', 'Two')).toMatch(/^two-files-/);
});

it('says what is missing where there is no assembly', () => {
  expect(() => readAssembly(newFolder(), environment)).toThrow(/manifest\.json is missing: .*cdk synth/);
});

import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { checkPrivateNetwork } from '../../lib/check-private-network.ts';
import { readConfig } from '../../lib/config.ts';
import { permissionsOf } from '../../scripts/template/permissions.ts';
import { resourcesOf } from '../../scripts/template/resources.ts';
import { CONFIG, synthesized, withStack } from './synthesized.ts';

describe('a key of one’s own', () => {
  const changes = { encryption: { cmk: true }, alarmEmail: 'oncall@example.com' };
  const resources = withStack('prod', changes, resourcesOf);
  const key = resources.find(({ type }) => type === 'AWS::KMS::Key');

  it.each([
    'AWS::S3::Bucket',
    'AWS::DynamoDB::Table',
    'AWS::SQS::Queue',
    'AWS::Logs::LogGroup',
    'AWS::SNS::Topic',
  ])('encrypts every %s', (type) => {
    const found = resources.filter((each) => each.type === type);
    expect(found.length).toBeGreaterThan(0);
    for (const { path, properties } of found) {
      expect(JSON.stringify(properties), path).toContain(`"${key?.logicalId}"`);
    }
  });

  it('is turned once a year, and outlives the stack as the data does', () => {
    expect(key?.properties).toMatchObject({ EnableKeyRotation: true });
    expect(key?.retained).toBe(true);
  });

  it('is used by roles through the services that encrypt with it', () => {
    const uses = permissionsOf(resources).flatMap(({ role, permissions }) =>
      permissions
        .filter(({ actions }) => actions.some((action) => action.startsWith('kms:')))
        .map((permission) => ({ path: role.path, ...permission })),
    );
    expect(uses.length).toBeGreaterThan(20);
    const elsewhere = uses.filter(
      ({ conditions }) => conditions['StringEquals']?.['kms:ViaService'] === undefined,
    );
    expect(new Set(elsewhere.map(({ path }) => path))).toEqual(
      // CDK’s own, for the queues that they consume: they decrypt.
      new Set(['Functions/recorderRole', 'Functions/signalsRole']),
    );
    expect(new Set(elsewhere.flatMap(({ actions }) => actions))).toEqual(new Set(['kms:Decrypt']));
  });

  it('lets rules, alarms and logs of this account alone put what it encrypts', () => {
    const statements = key?.properties['KeyPolicy'].Statement as readonly {
      readonly Principal: { readonly Service?: unknown };
      readonly Condition?: object;
    }[];
    const services = statements.filter(({ Principal }) => Principal.Service !== undefined);
    expect(JSON.stringify(services)).toContain('events.amazonaws.com');
    for (const { Condition } of services) expect(Condition).toBeDefined();
  });

  it('is not there where the profile does not ask for it', () => {
    synthesized('prod').resourceCountIs('AWS::KMS::Key', 0);
  });
});

describe('the web ACL', () => {
  const template = synthesized('prod');

  it('stands before the API where the profile asks for it', () => {
    template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
    synthesized('dev').resourceCountIs('AWS::WAFv2::WebACL', 0);
  });

  it('shows no headers, lets prompts and Files through, and limits every address', () => {
    const [acl] = Object.values(template.findResources('AWS::WAFv2::WebACL'));
    expect(JSON.stringify(acl)).not.toContain('"SampledRequestsEnabled":true');
    template.hasResourceProperties('AWS::WAFv2::WebACL', {
      Rules: Match.arrayWith([
        Match.objectLike({ Statement: { RateBasedStatement: { Limit: 10_000, AggregateKeyType: 'IP' } } }),
        Match.objectLike({
          Statement: {
            ManagedRuleGroupStatement: {
              Name: 'AWSManagedRulesCommonRuleSet',
              VendorName: 'AWS',
              RuleActionOverrides: Match.arrayWith([
                { Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } },
              ]),
            },
          },
        }),
      ]),
    });
  });
});

describe('traces', () => {
  it('go to X-Ray from the API, its functions and the machines where the profile asks for them', () => {
    const template = synthesized('prod', { tracing: true });
    template.allResourcesProperties('AWS::ApiGateway::Stage', { TracingEnabled: true });
    template.allResourcesProperties('AWS::Lambda::Function', { TracingConfig: { Mode: 'Active' } });
    template.allResourcesProperties('AWS::StepFunctions::StateMachine', {
      TracingConfiguration: { Enabled: true },
    });
    const resources = withStack('prod', { tracing: true }, resourcesOf);
    const senders = permissionsOf(resources).filter(({ permissions }) =>
      permissions.some(({ actions }) => actions.includes('xray:PutTraceSegments')),
    );
    const functions = resources.filter(({ type }) => type === 'AWS::Lambda::Function');
    expect(senders).toHaveLength(functions.length + 2);
  });

  it('are neither made nor allowed where it does not', () => {
    const text = JSON.stringify(synthesized('prod').toJSON());
    expect(text).not.toMatch(/xray:|"Mode":"Active"|"TracingEnabled":true/);
    expect(text).not.toContain('"TracingConfiguration":{"Enabled":true}');
  });
});

describe('the private network', () => {
  const template = synthesized('prod', { privateNetwork: true });

  it('has no address and no way out but to the services that Tasks need', () => {
    template.resourceCountIs('AWS::EC2::InternetGateway', 0);
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    template.allResourcesProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: Match.objectLike({
        NetworkInterfaces: [Match.objectLike({ AssociatePublicIpAddress: false })],
      }),
    });
    template.resourcePropertiesCountIs('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Interface' }, 7);
    template.resourcePropertiesCountIs('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' }, 2);
  });

  it('lets the instances alone reach the endpoints, over HTTPS', () => {
    template.allResourcesProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: Match.absent() });
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 443, ToPort: 443 });
  });

  it('is refused where weights or image would come from the internet', () => {
    const { profile, catalogue } = readConfig(CONFIG, 'prod');
    const inPrivate = { ...profile, privateNetwork: true };
    expect(() => checkPrivateNetwork(inPrivate, catalogue.fleets)).toThrow(/qwen3-8b.*models:pull/);
    const elsewhere = { ...inPrivate, agentImage: 'ghcr.io/acme/gpu-task:1' };
    expect(() => checkPrivateNetwork(elsewhere, [])).toThrow(/ghcr\.io.*image:push/);
    const agentImage = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/slackline@sha256:0';
    expect(() => checkPrivateNetwork({ ...inPrivate, agentImage }, [])).not.toThrow();
    expect(() => checkPrivateNetwork({ ...inPrivate, agentImage: null }, [])).not.toThrow();
    expect(() => checkPrivateNetwork(profile, catalogue.fleets)).not.toThrow();
  });
});

describe('prod', () => {
  const template = synthesized('prod');

  it('is not deleted by mistake', () => {
    const isProtected = (profile: string) =>
      withStack(profile, {}, ({ terminationProtection }) => terminationProtection);
    expect(['dev', 'stage', 'prod'].map(isProtected)).toEqual([false, false, true]);
  });

  it('writes down who spoke with the instances', () => {
    template.hasResourceProperties('AWS::EC2::FlowLog', { ResourceType: 'VPC', TrafficType: 'ALL' });
  });

  it('takes no more requests than the profile says', () => {
    template.hasResourceProperties('AWS::ApiGateway::Stage', {
      MethodSettings: [Match.objectLike({ ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 })],
    });
  });

  it('logs who called which route, and nothing that a client has sent', () => {
    const [stage] = Object.values(template.findResources('AWS::ApiGateway::Stage'));
    const variables = stage?.['Properties'].AccessLogSetting.Format.match(/\$context\.[\w.]+/g);
    expect(variables.toSorted()).toEqual([
      ...['$context.authorizer.tenant', '$context.error.responseType', '$context.httpMethod'],
      ...['$context.identity.sourceIp', '$context.requestId', '$context.requestTime'],
      ...['$context.resourcePath', '$context.responseLatency', '$context.responseLength', '$context.status'],
    ]);
    expect(stage?.['Properties'].MethodSettings[0].DataTraceEnabled).toBe(false);
  });
});

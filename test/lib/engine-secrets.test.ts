import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { engineSchema } from '../../core/fleet/catalogue.ts';
import { checkPrivateNetwork } from '../../lib/check-private-network.ts';
import { readConfig } from '../../lib/config.ts';
import { SlacklineStack } from '../../lib/slackline-stack.ts';
import { permissionsOf } from '../../scripts/template/permissions.ts';
import { resourcesOf } from '../../scripts/template/resources.ts';
import { CONFIG, VERSION } from './synthesized.ts';

const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/hub-a1B2c3';
const PARAMETER = 'arn:aws:ssm:eu-west-1:123456789012:parameter/hub/license';
const engineWith = (secrets: unknown) =>
  engineSchema.parse({ kind: 'vllm', model: 'a/b', args: [], startTimeoutMs: 1, secrets });

const { profile, catalogue } = readConfig(CONFIG, 'dev');
const engine = engineWith({ HF_TOKEN: `${SECRET}:token::`, ACME_LICENSE: PARAMETER });
const [first, ...others] = catalogue.fleets;
if (first === undefined) throw new Error('The profile has no Fleet.');
const fleets = [{ ...first, engine }, ...others];

const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
const config = { profile, catalogue: { ...catalogue, fleets } };
const props = { config, catalogueFile: join(CONFIG, 'models'), version: VERSION };
const resources = resourcesOf(new SlacklineStack(app, 'Slackline', props));

describe('secrets of an engine', () => {
  it('reach its Task by reference, and no other', () => {
    const secretsOf = (path: string) =>
      resources.find((each) => each.path === path)?.properties['ContainerDefinitions'][0].Secrets;
    expect(secretsOf('Gpu/Task-qwen3-8b/Definition')).toEqual([
      { Name: 'HF_TOKEN', ValueFrom: `${SECRET}:token::` },
      { Name: 'ACME_LICENSE', ValueFrom: PARAMETER },
    ]);
    expect(secretsOf('Gpu/Task-qwen3-embedding-06b/Definition')).toBeUndefined();
  });

  it('may be read by the role that starts the Task, just these, and by nobody else', () => {
    const readers = permissionsOf(resources).flatMap(({ role, permissions }) =>
      permissions
        .filter(({ actions }) => actions.some((action) => /^(secretsmanager|ssm):/.test(action)))
        .map(({ actions, resources: of }) => [role.path, actions, of]),
    );
    const role = 'Gpu/Task-qwen3-8b/Definition/ExecutionRole';
    expect(readers).toEqual([
      [role, ['secretsmanager:GetSecretValue'], [SECRET]],
      [role, ['ssm:GetParameters'], [PARAMETER]],
    ]);
  });

  it.each([
    ['a value in place of an ARN', { HF_TOKEN: 'hf_abc' }],
    ['an ARN with a pattern', { HF_TOKEN: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:*-a1b2c3' }],
    ['credentials in place of the agent’s own', { AWS_SECRET_ACCESS_KEY: SECRET }],
  ])('are refused with %s', (_, secrets) => expect(() => engineWith(secrets)).toThrow());

  it('are refused in a private network, which has no way to them', () => {
    const bucket = { ...engine, weights: 'bucket' } as const;
    const inPrivate = { ...profile, privateNetwork: true };
    expect(() => checkPrivateNetwork(inPrivate, [{ id: first.id, engine: bucket }])).toThrow(
      /engine\.secrets of qwen3-8b/,
    );
  });
});

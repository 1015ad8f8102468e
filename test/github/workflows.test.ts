import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, '.github', 'workflows');

const permissions = z.record(z.string(), z.enum(['read', 'write', 'none']));
const jobSchema = z.strictObject({
  name: z.string().optional(),
  needs: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.string()).optional(),
  secrets: z.literal('inherit').optional(),
  'runs-on': z.string().optional(),
  'timeout-minutes': z.number().optional(),
  environment: z.string().optional(),
  permissions: permissions.optional(),
  env: z.record(z.string(), z.string()).optional(),
  steps: z
    .array(
      z.strictObject({
        name: z.string().optional(),
        uses: z.string().optional(),
        run: z.string().optional(),
        with: z.record(z.string(), z.unknown()).optional(),
        env: z.record(z.string(), z.string()).optional(),
        'working-directory': z.string().optional(),
      }),
    )
    .default([]),
});
const workflowSchema = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions,
  concurrency: z.unknown().optional(),
  jobs: z.record(z.string(), jobSchema),
});

const workflows = readdirSync(FOLDER).map((file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  return { file, text, ...workflowSchema.parse(parse(text)) };
});
const named = (file: string) => {
  const found = workflows.find((each) => each.file === file);
  if (found === undefined) throw new Error(`There is no ${file}.`);
  return found;
};

describe.each(workflows)('$file', ({ text, permissions: granted, jobs }) => {
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it('calls scripts of package.json alone', () => {
    const called = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script);
    expect(called.filter((script) => !(script in packageJson.scripts))).toEqual([]);
  });

  it('may read the sources and nothing else, but for jobs that say so', () => {
    expect(granted).toEqual({ contents: 'read' });
  });

  it('uses actions by their commit, which nobody can move, and workflows of its own that are there', () => {
    for (const { uses } of [...steps, ...Object.values(jobs)]) {
      if (uses === undefined) continue;
      if (uses.startsWith('./')) expect(existsSync(join(ROOT, uses)), uses).toBe(true);
      else expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    }
  });

  it('ends every job that hangs', () => {
    const endless = Object.entries(jobs).filter(
      ([, job]) => job.uses === undefined && job['timeout-minutes'] === undefined,
    );
    expect(endless.map(([name]) => name)).toEqual([]);
  });

  it('holds no key and no account, and lets no value of an event into a shell', () => {
    expect(text).not.toMatch(/AKIA|sk-[A-Za-z0-9]|arn:aws:iam::\d|\b\d{12}\b/);
    for (const { run = '' } of steps) expect(run).not.toContain('${{');
  });

  it('keeps the token of the checkout from later steps', () => {
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    for (const { with: given } of checkouts) expect(given?.['persist-credentials']).toBe(false);
  });
});

it('names the version of each commit, and has one of each action', () => {
  const all = workflows.map(({ text }) => text).join('\n');
  const pinned = [...all.matchAll(/uses: ([\w-]+\/[\w-]+)@(.*)$/gm)];
  expect(pinned.length).toBeGreaterThan(0);
  for (const [use] of pinned) expect(use).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  const versions = new Set(pinned.map(([use]) => use));
  expect(versions.size).toBe(new Set(pinned.map(([, action]) => action)).size);
});

describe('the roles of a deployment', () => {
  const { Resources } = parse(readFileSync(join(ROOT, '.github', 'deploy-roles.yaml'), 'utf8'), {
    logLevel: 'silent',
  });
  const statementOf = (role: string, document: 'trust' | 'policy') => {
    const { AssumeRolePolicyDocument: trust, Policies } = Resources[role].Properties;
    const { Statement } = document === 'trust' ? trust : Policies[0].PolicyDocument;
    expect(Statement).toHaveLength(1);
    return Statement[0];
  };

  it.each([
    ['DiffRole', '${Environment}-diff'],
    ['DeployRole', '${Environment}'],
  ])('%s trusts one environment of the repository, by its whole name', (role, environment) => {
    const issuer = 'token.actions.githubusercontent.com';
    expect(statementOf(role, 'trust').Condition).toEqual({
      StringEquals: {
        [`${issuer}:aud`]: 'sts.amazonaws.com',
        [`${issuer}:sub`]: `repo:\${Repository}:environment:${environment}`,
      },
    });
  });

  it('read the template of the stack, or take on roles of the bootstrap, and nothing else', () => {
    const { Action, Resource } = statementOf('DiffRole', 'policy');
    expect(Action).toEqual(['cloudformation:DescribeStacks', 'cloudformation:GetTemplate']);
    expect(Resource).toMatch(/:stack\/\$\{StackName\}\/\*$/);
    const deploying = statementOf('DeployRole', 'policy');
    expect(deploying.Action).toBe('sts:AssumeRole');
    for (const arn of deploying.Resource) expect(arn).toMatch(/:role\/cdk-hnb659fds-[a-z-]+-role-/);
  });
});

describe('a deployment', () => {
  const { jobs } = named('deploy-environment.yml');

  it('goes from all checks of CI to dev, over stage to prod, each through one workflow', () => {
    const { check, ...rest } = named('deploy.yml').jobs;
    expect(check).toMatchObject({ uses: './.github/workflows/ci.yml' });
    expect(named('ci.yml').on).toHaveProperty('workflow_call');
    const environments = Object.values(rest);
    expect(environments.map(({ needs, with: given }) => [needs, given?.['environment']])).toEqual([
      ['check', 'dev'],
      ['dev', 'stage'],
      ['stage', 'prod'],
    ]);
    for (const { with: given } of environments) {
      expect(existsSync(join(ROOT, 'config', 'profiles', `${given?.['environment']}.json`))).toBe(true);
    }
  });

  it('has a role without keys in the two jobs that need one, each in an environment of its own', () => {
    expect(jobs['diff']?.environment).toBe('${{ inputs.environment }}-diff');
    expect(jobs['deploy']?.environment).toBe('${{ inputs.environment }}');
    for (const job of Object.values(jobs))
      expect(job.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
  });

  it('deploys the assembly whose difference was shown, and asks the API which commit runs', () => {
    const [deploying, asking] = (jobs['deploy']?.steps ?? []).filter(({ run }) =>
      /cdk deploy|\.commit/.test(run ?? ''),
    );
    expect(jobs['deploy']?.needs).toBe('diff');
    expect(deploying?.run).toMatch(/--app "\$RUNNER_TEMP\/assembly" --require-approval never/);
    expect(asking?.run).toMatch(/\[ "\$running" = "\$GITHUB_SHA" \]/);
  });
});

describe('the forms for issues', () => {
  const folder = join(ROOT, '.github', 'ISSUE_TEMPLATE');

  it.each(readdirSync(folder))('%s is YAML with a name and fields, or the configuration', (file) => {
    const form = parse(readFileSync(join(folder, file), 'utf8'));
    if (file === 'config.yml') expect(form).toHaveProperty('blank_issues_enabled');
    else
      expect(form).toMatchObject({
        name: expect.any(String),
        description: expect.any(String),
        body: expect.any(Array),
      });
  });
});

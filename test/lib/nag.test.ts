import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { VARIANTS } from '../../scripts/template/variants.ts';
import { withStack } from './synthesized.ts';

const PACKS = [new AwsSolutionsChecks(), new ServerlessChecks()];

describe.each(VARIANTS)('$name', ({ profile, changes }) => {
  it.each(PACKS)('leaves no finding of $readPackName unexplained', (pack) => {
    const { violations } = withStack(profile, changes, (stack) => pack.validateScope(stack));
    const found = violations.flatMap(({ ruleName, description, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}: ${description}`),
    );
    expect(found).toEqual([]);
  });
});

it('finds what nobody has explained', () => {
  const { violations } = withStack('dev', {}, (stack) => {
    new Bucket(stack, 'Open');
    return new AwsSolutionsChecks().validateScope(stack);
  });
  expect(violations.map(({ ruleName }) => ruleName)).toEqual(['AwsSolutions-S1', 'AwsSolutions-S10']);
});

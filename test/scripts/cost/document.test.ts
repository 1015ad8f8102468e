import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readConfig } from '../../../lib/config.ts';
import { busyPercent, costDocument, idleUsd } from '../../../scripts/cost/document.ts';
import { costFacts } from '../../../scripts/cost/facts.ts';
import { CONFIG, synthesized } from '../../lib/synthesized.ts';

const facts = costFacts({ ...readConfig(CONFIG, 'dev'), template: synthesized('dev').toJSON() });

it('docs/cost.md says what the default profile costs: npm run cost writes it', () => {
  const document = join(import.meta.dirname, '..', '..', '..', 'docs', 'cost.md');
  expect(readFileSync(document, 'utf8')).toBe(costDocument(facts));
});

it('with no work it is at most 6 USD a month', () => {
  expect(idleUsd(facts)).toBeLessThanOrEqual(6);
});

it('under the workload the control plane is at most 1% of its GPUs', () => {
  expect(busyPercent(facts)).toBeLessThanOrEqual(1);
});

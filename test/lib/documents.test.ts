import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { configurationDocument } from '../../scripts/configuration-docs/document.ts';
import { profilesAsWritten } from '../../scripts/configuration-docs/main.ts';
import { securityDocument } from '../../scripts/security-docs/document.ts';
import { withStack } from '../../scripts/template/with-stack.ts';

const written = (name: string) => readFileSync(join(import.meta.dirname, '..', '..', 'docs', name), 'utf8');

it('docs/security.md says what the template allows', () => {
  expect(
    written('security.md') === withStack('prod', {}, securityDocument),
    'run npm run docs:security',
  ).toBe(true);
});

it('docs/configuration.md says what the profiles are', () => {
  const document = configurationDocument(profilesAsWritten());
  expect(written('configuration.md') === document, 'run npm run docs:configuration').toBe(true);
});

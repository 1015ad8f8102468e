import { expect, it } from 'vitest';
import { formatVersion, parseVersion } from '../../core/version.ts';

it.each([
  ['1.2.3', { version: '1.2.3', commit: null }],
  ['1.2.3-rc.1+abc', { version: '1.2.3-rc.1', commit: 'abc' }],
])('%s reads as it was written', (text, version) => {
  expect(parseVersion(text)).toEqual(version);
  expect(formatVersion(version)).toBe(text);
});

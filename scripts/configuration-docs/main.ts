import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG, DEPLOYED_PROFILES } from '../template/with-stack.ts';
import { configurationDocument } from './document.ts';

/** The profiles that people deploy, as they stand in their files. */
export const profilesAsWritten = () =>
  Object.fromEntries(
    DEPLOYED_PROFILES.map((name) => [
      name,
      JSON.parse(readFileSync(join(CONFIG, 'profiles', `${name}.json`), 'utf8')),
    ]),
  );

// `npm run docs:configuration`: writes docs/configuration.md.
if (import.meta.main) {
  const file = join(import.meta.dirname, '..', '..', 'docs', 'configuration.md');
  writeFileSync(file, configurationDocument(profilesAsWritten()));
  process.stdout.write(`Written: ${file}\n`);
}

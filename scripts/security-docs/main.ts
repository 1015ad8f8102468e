import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withStack } from '../template/with-stack.ts';
import { securityDocument } from './document.ts';

// `npm run docs:security`: writes docs/security.md from the template of the profile `prod`.
const file = join(import.meta.dirname, '..', '..', 'docs', 'security.md');
writeFileSync(file, withStack('prod', {}, securityDocument));
process.stdout.write(`Written: ${file}\n`);

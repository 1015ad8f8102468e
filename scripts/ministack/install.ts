import { existsSync, writeFileSync } from 'node:fs';
import { makeVenv } from '../pypi/make-venv.ts';
import { explain, notReached } from '../pypi/not-installable.ts';
import { runProgram } from '../run-program.ts';
import { MINISTACK_VERSION, type MinistackHome } from './home.ts';

type Say = (text: string) => void;

/** All that it is made of: ministack pins botocore alone, and a newer boto3 would replace that. */
const PACKAGES = [
  ...[`ministack==${MINISTACK_VERSION}`, 'boto3==1.43.106', 'botocore==1.43.106', 's3transfer==0.19.3'],
  ...['jmespath==1.1.0', 'python-dateutil==2.9.0.post0', 'six==1.17.0', 'urllib3==2.8.0'],
  ...['Hypercorn==0.18.0', 'h11==0.16.0', 'h2==4.4.1', 'hpack==4.2.0', 'hyperframe==6.1.0'],
  ...['priority==2.0.0', 'wsproto==1.3.2', 'cryptography==50.0.2', 'cffi==2.1.1', 'pycparser==3.12'],
  ...['PyYAML==6.0.3', 'defusedxml==0.7.1', 'graphql-core==3.2.12', 'jsonata-python==0.7.1'],
];
const LIMIT_MS = 300_000;

/** Installs ministack, an emulator of AWS that is not ours; does nothing where it is there. Takes 110 MB. */
export async function installMinistack(home: MinistackHome, say: Say): Promise<void> {
  if (existsSync(home.marker)) return say(`ministack ${MINISTACK_VERSION} is in ${home.directory}.`);
  say(`Installing ministack ${MINISTACK_VERSION} into ${home.directory}: 110 MB, some 15 seconds.`);
  const enough = 'import sys; sys.exit(sys.version_info < (3, 10))';
  await run('python3', ['-c', enough]).catch(explain('python3 of version 3.10 or newer is needed'));
  await makeVenv(home.directory);
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', ...PACKAGES];
  await run(home.python, pip).catch(notReached);
  writeFileSync(home.marker, `${MINISTACK_VERSION}\n`);
  say('Installed.');
}

const run = (command: string, args: readonly string[]) =>
  runProgram({ command, arguments: args, limitMs: LIMIT_MS });

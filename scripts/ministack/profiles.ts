import { writeFileSync } from 'node:fs';
import { roleArn } from './deployed-stack.ts';
import { REGION } from './emulator.ts';

export const ROOT_PROFILE = 'root';

/** Writes AWS's configuration file with a profile for each role, of the role's own name, which SDKs then assume. */
export function writeProfiles(
  file: string,
  rootCredentials: Readonly<Record<string, string>>,
  roleNames: readonly string[],
): void {
  const root = Object.entries(rootCredentials).map(([name, value]) => `${name.toLowerCase()} = ${value}`);
  const sections = roleNames.map((name) =>
    [
      `[profile ${name}]`,
      `role_arn = ${roleArn(name)}`,
      `source_profile = ${ROOT_PROFILE}`,
      `region = ${REGION}`,
    ].join('\n'),
  );
  const text = [[`[profile ${ROOT_PROFILE}]`, ...root].join('\n'), ...sections].join('\n\n');
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
}

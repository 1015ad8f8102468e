import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface ContainerCall {
  readonly args: readonly string[];
  readonly input: string;
  readonly attestations: string;
}

/** Writes down what it is called with, and fails at the command that FAIL_AT names. */
const SCRIPT = `#!/bin/sh
if [ "$1" = --version ]; then exit 0; fi
printf '%s\\n' "$BUILDX_NO_DEFAULT_ATTESTATIONS" "$*" "$(/bin/cat)" >> "$RECORD"
if [ "$1" = "$FAIL_AT" ]; then exit 7; fi
`;

/** Programs of these names, alone on a PATH. */
export function fakeDocker(...names: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'slackline-docker-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const record = join(directory, 'record');
  writeFileSync(record, '');
  for (const name of names) {
    writeFileSync(join(directory, name), SCRIPT);
    chmodSync(join(directory, name), 0o755);
  }
  return {
    directory,
    env: { PATH: directory, RECORD: record },
    calls(): readonly ContainerCall[] {
      const lines = readFileSync(record, 'utf8').split('\n').slice(0, -1);
      return Array.from({ length: lines.length / 3 }, (_, i) => {
        const [attestations = '', args = '', input = ''] = lines.slice(3 * i, 3 * i + 3);
        return { attestations, args: args.split(' '), input };
      });
    },
  };
}

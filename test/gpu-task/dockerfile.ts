import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Instruction {
  readonly name: string;
  readonly text: string;
}

const DOCKERFILE = join(import.meta.dirname, '..', '..', 'gpu-task', 'Dockerfile');

/** What the Dockerfile of the GPU task says, with its lines joined and without its comments. */
export const INSTRUCTIONS: readonly Instruction[] = readFileSync(DOCKERFILE, 'utf8')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => {
    const [, name = '', text = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    return { name, text };
  });

export const textsOf = (name: string): readonly string[] =>
  INSTRUCTIONS.filter((instruction) => instruction.name === name).map(({ text }) => text);

/** The one that counts. */
export const lastOf = (name: string): string => textsOf(name).at(-1) ?? '';

export const IMAGE_COMMAND = JSON.parse(lastOf('CMD')) as readonly string[];

/** Names and values that a container starts with, of those that the Dockerfile sets. */
export const IMAGE_ENVIRONMENT: Readonly<Record<string, string>> = Object.fromEntries(
  textsOf('ENV').flatMap((text) => text.split(/\s+/).map((pair) => pair.split('=') as [string, string])),
);

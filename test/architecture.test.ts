import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** What a folder may import of ours, beside itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  adapters: ['core'],
  lambdas: ['core', 'adapters'],
  'gpu-task': ['core', 'adapters'],
  cli: ['core', 'adapters'],
  local: ['core', 'adapters', 'cli'],
  lib: ['core'],
  bin: ['lib'],
  bench: ['core', 'adapters', 'gpu-task', 'scripts', 'test'],
  scripts: ['core', 'adapters', 'cli', 'lib', 'local'],
};

/** Composition roots, programs and their configuration: all others get what they need handed in. */
const MAY_READ_ENVIRONMENT = [
  /^lambdas\/[^/]+\/index\.ts$/,
  /^gpu-task\/(main|simulated-engine)\.ts$/,
  /^cli\/[^/]+\.ts$/,
  /^bench\/[^/]+\.ts$/,
  /^local\/(main|demo)\.ts$/,
  // They start our own build programs, which get the environment that we were started with.
  /^local\/(synth|build\/[^/]+)\.ts$/,
  /^(bin|scripts)\//,
  /^[^/]+\.config\.ts$/,
];

const MAX_LINES = 300;

interface Source {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const IMPORT = /^(?:import|export)\b[^'"`;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;

function readSource(file: string): Source {
  const text = readFileSync(file, 'utf8');
  const imports = [...text.matchAll(IMPORT)].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');
  return { path: relative(ROOT, file).split(sep).join('/'), text, imports };
}

function sourcesIn(folder: string): readonly Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readSource(join(entry.parentPath, entry.name)));
}

const SOURCES = Object.fromEntries(
  readdirSync(ROOT)
    .filter((folder) => folder in MAY_IMPORT)
    .map((folder) => [folder, sourcesIn(folder)]),
);
const ALL = Object.values(SOURCES).flat();

/** The folder that a relative import ends in; null for a package. */
function folderOf({ path }: Source, imported: string): string | null {
  return imported.startsWith('.') ? (join(dirname(path), imported).split(sep)[0] ?? '') : null;
}

describe('dependencies between folders', () => {
  it.each(Object.entries(SOURCES))('%s/ imports only what it may', (folder, sources) => {
    const allowed = [folder, ...(MAY_IMPORT[folder] ?? [])];
    const wrong = sources.flatMap((source) =>
      source.imports
        .filter((imported) => !allowed.includes(folderOf(source, imported) ?? folder))
        .map(
          (imported) => `${source.path} imports ${imported}: ${folder}/ may import ${allowed.join(', ')}.`,
        ),
    );
    expect(wrong).toEqual([]);
  });

  it('core/ is pure: of packages it imports zod alone, of Node only node:crypto', () => {
    const wrong = (SOURCES['core'] ?? []).flatMap((source) =>
      source.imports
        .filter((imported) => !imported.startsWith('.') && !['zod', 'node:crypto'].includes(imported))
        .map((imported) => `${source.path} imports ${imported}: give core/ a port instead.`),
    );
    expect(wrong).toEqual([]);
  });

  it('core/ reads no clock: instants are facts that come in', () => {
    const wrong = (SOURCES['core'] ?? [])
      .filter(({ text }) => /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bMath\.random\(/.test(text))
      .map(({ path }) => `${path} reads the clock or chance: take it from a port or a parameter.`);
    expect(wrong).toEqual([]);
  });

  it('every folder with sources is under the rule', () => {
    const others = ['node_modules', 'cdk.out', 'dist', 'test', 'config', 'docs', 'examples'];
    const unruled = readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .filter((name) => !(name in MAY_IMPORT) && !others.includes(name));
    expect(unruled, 'name these in MAY_IMPORT').toEqual([]);
  });
});

describe('the environment', () => {
  it('is read by composition roots alone', () => {
    const wrong = [...ALL, ...sourcesAtRoot()]
      .filter(({ path }) => !MAY_READ_ENVIRONMENT.some((allowed) => allowed.test(path)))
      .filter(({ path, text }) => readsEnvironment(path, text))
      .map(({ path }) => `${path} reads process.env: hand the value in from a composition root.`);
    expect(wrong).toEqual([]);
  });
});

/** The local stack starts programs, which must be found. */
function readsEnvironment(path: string, text: string): boolean {
  const left = path.startsWith('local/') ? text.replaceAll("process.env['PATH']", '') : text;
  return /\bprocess\.env\b|\benv\b[^'";]*\bfrom 'node:process'/.test(left);
}

function sourcesAtRoot(): readonly Source[] {
  return readdirSync(ROOT)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readSource(join(ROOT, name)));
}

describe('local/', () => {
  // An authorizer is also a notion of API Gateway's.
  const functions = readdirSync(join(ROOT, 'lambdas'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'authorizer')
    .map(({ name }) => name);
  const names = [...functions, 'batch-lifecycle', 'fleet-scheduler'];
  const quoted = new RegExp(`['"\`/](?:${names.join('|')})['"\`/]|\\bSlackline\\b`);

  it('runs any app: only its two programs name what is in ours', () => {
    const wrong = (SOURCES['local'] ?? [])
      .filter(({ path }) => !/^local\/(main|demo)(\.ts|\/)/.test(path))
      .flatMap(({ path, text }) => {
        const found = quoted.exec(text)?.[0];
        return found === undefined ? [] : [`${path} names ${found}: find it in the template instead.`];
      });
    expect(wrong).toEqual([]);
  });
});

describe('size', () => {
  it(`no source is longer than ${MAX_LINES} lines`, () => {
    const long = [...ALL, ...sourcesAtRoot()]
      .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > MAX_LINES)
      .map(({ path, lines }) => `${path} has ${lines} lines: it holds more than one thing.`);
    expect(long).toEqual([]);
  });
});

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { adapterSchema } from '../../core/fleet/adapter.ts';
import { fleetSchema, type VllmEngineConfig } from '../../core/fleet/catalogue.ts';
import { MEDIA_ENVIRONMENT, mediaFlags } from '../../core/fleet/media-flags.ts';
import { serveCommand, type VllmEngineOptions } from '../../gpu-task/engines/vllm.ts';
import { vllmHome } from '../../scripts/vllm-cpu/home.ts';

const MODELS = join(import.meta.dirname, '../../config/models');
const { python } = vllmHome(process.env);

/** What stands behind `serve`. */
function argsOf(options: Pick<VllmEngineOptions, 'config' | 'model' | 'adapters'>): readonly string[] {
  const command = serveCommand(options, '/tmp/engine.sock');
  return command.slice(command.indexOf('serve') + 1);
}

function run(script: string, input: string, more: Readonly<Record<string, string>> = {}): unknown {
  const env = { ...process.env, ...more };
  const file = join(import.meta.dirname, script);
  const { stdout, stderr, status } = spawnSync(python, [file], { input, env, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

const BARE: VllmEngineConfig = { kind: 'vllm', command: ['vllm'], model: 'm', args: [], startTimeoutMs: 1 };
const adapters = [8, 40].map((rank) =>
  adapterSchema.parse({ id: `rank-${rank}`, source: 'folder', path: '/adapters/a', rank }),
);

it('takes every flag that config/models and adapters give to vLLM, and would refuse another', () => {
  const commands = readdirSync(MODELS).flatMap((file) => {
    const { engine, model } = fleetSchema.parse(JSON.parse(readFileSync(join(MODELS, file), 'utf8')));
    return engine.kind === 'vllm' ? [{ file, args: argsOf({ config: engine, model }) }] : [];
  });
  const config = { ...BARE, mediaDomains: ['a.example', 'b.example'] };
  commands.push({ file: 'adapters and media', args: argsOf({ config, model: 'm', adapters }) });
  const lists = [...commands.map(({ args }) => args), ['model', '--max-num-sequences', '8']];
  const problems = run('parse_args.py', JSON.stringify(lists)) as (string | null)[];
  expect(problems.at(-1)).toContain('--max-num-sequences');
  expect(commands.map(({ file }, i) => [file, problems[i]])).toEqual(
    commands.map(({ file }) => [file, null]),
  );
  expect(commands.length).toBeGreaterThan(1);
});

it('fetches media from the domains that are named, from none where none is, and without redirects', () => {
  const cases = [
    { url: 'http://169.254.169.254/latest/meta-data/', domains: [], says: /allowed domains: .*\.invalid/ },
    { url: 'https://other.example/a.png', domains: ['a.example'], says: /allowed domains: .*a\.example/ },
    { url: 'https://a.example/a.png', domains: ['a.example'], says: /^fetched, redirects False$/ },
    { url: 'data:text/plain;base64,aGk=', domains: [], says: /^text\/plain aGk=$/ },
    { url: 'file:///etc/passwd', domains: [], says: /allowed-local-media-path/ },
  ];
  const asked = cases.map(({ url, domains }) => [url, mediaFlags(domains).slice(1)]);
  const said = run('media_domains.py', JSON.stringify(asked), MEDIA_ENVIRONMENT) as string[];
  for (const [i, { says }] of cases.entries()) expect(said[i]).toMatch(says);
});

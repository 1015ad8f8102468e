import { expect, it } from 'vitest';
import { httpEngine } from '../../adapters/engine/http-client.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import { vllmEngine } from '../../gpu-task/engines/vllm.ts';

/** Starts what is no vLLM, and ends before it serves anything. */
const start = (...command: readonly [string, ...string[]]) =>
  vllmEngine({
    config: { kind: 'vllm', command: [...command], model: 'm', args: [], env: {}, startTimeoutMs: 20_000 },
    ...{ model: 'tiny', endpoints: ['/v1/completions'], env: { PATH: process.env['PATH'] } },
    ...{ time: systemTime, onLine: () => undefined },
    connect: (address) => httpEngine({ ...address, connections: 2 }),
  }).start();

it('says of a program that is not there that it was not found', async () => {
  await expect(start('no-such-vllm')).rejects.toThrow(
    /ended before it was ready\..* no-such-vllm: not found$/,
  );
});

it('says what the engine died of, not what Python adds below', async () => {
  const script = `
    echo 'Traceback (most recent call last):'
    echo '  File "a.py", line 1, in main'
    echo 'ValueError: No such quantization: w9a9'
    echo '    at the end'
    echo
    exit 1`;
  await expect(start('/bin/sh', '-c', script)).rejects.toThrow(
    /last: ValueError: No such quantization: w9a9$/,
  );
});

it('cuts what it quotes', async () => {
  const script = 'printf "%.0sx" $(seq 5000)';
  await expect(start('/bin/sh', '-c', script)).rejects.toThrow(/last: x{300}…$/);
});

it('says nothing more of an engine that printed nothing', async () => {
  await expect(start('/bin/false')).rejects.toThrow(/ended before it was ready\.$/);
});

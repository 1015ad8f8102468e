import { describe, expect, it } from 'vitest';
import { type GpuReading, readGpus } from '../../../core/agent/gpu-reading.ts';
import { A10G, A100_WITHOUT_ECC, ended, gpuA10G, L4, T4 } from './gpu-output.ts';

const seen = (reading: GpuReading) => (reading.kind === 'seen' ? reading.gpus : []);

describe('a GPU', () => {
  it('is read as nvidia-smi shows it', () => {
    expect(readGpus(ended(`${A10G}\n`), ended('GPU-0a10, 0, 0\n'))).toEqual({
      kind: 'seen',
      gpus: [gpuA10G],
    });
  });

  it('says nothing about what it does not have', () => {
    expect(seen(readGpus(ended(`${T4}\n${A100_WITHOUT_ECC}\n`), null))).toMatchObject([
      { index: 0, uncorrectedErrors: 0, badMemory: [] },
      { index: 1, name: 'NVIDIA A100-SXM4-40GB', powerWatts: null, uncorrectedErrors: null, badMemory: [] },
    ]);
  });

  it('is read beside warnings, whatever the exit code', () => {
    const output = `WARNING: infoROM is corrupted at gpu 0000:00:1E.0\n${L4}\n`;
    expect(seen(readGpus(ended(output, 14), null))).toMatchObject([{ name: 'NVIDIA L4', temperatureC: 72 }]);
  });

  it('may have no reading of its own power', () => {
    const row = L4.replace('71.93', '[Unknown Error]');
    expect(seen(readGpus(ended(row), null))).toMatchObject([{ powerWatts: null, temperatureC: 72 }]);
  });

  it.each([
    ['GPU-0a10, 0, 0', []],
    ['GPU-0a10, No, No', []],
    ['GPU-0a10, [N/A], [N/A]', []],
    ['GPU-0a10, 1, 0', ['a row waits for a reset to be remapped']],
    ['GPU-0a10, No, Yes', ['a row could not be remapped']],
    ['GPU-other, 1, 1', []],
    ['Invalid combination of input arguments', []],
  ])('with remapped rows %j has bad memory %j', (remapped, badMemory) => {
    expect(seen(readGpus(ended(A10G), ended(remapped)))).toMatchObject([{ badMemory }]);
  });

  it('with a page that waits to be retired has bad memory', () => {
    const [gpu] = seen(readGpus(ended(T4.replace(/No$/, 'Yes')), null));
    expect(gpu?.badMemory).toEqual(['a page waits for a reset to be retired']);
  });
});

describe('a look', () => {
  it('shows no GPU where there is none', () => {
    expect(readGpus(ended('No devices were found\n', 6), null)).toEqual({ kind: 'seen', gpus: [] });
  });

  it.each([
    [
      'Unable to determine the device handle for GPU0000:00:1E.0: GPU is lost.  Reboot the system to recover',
      15,
    ],
    [
      '0, GPU-0a10, NVIDIA A10G, [GPU is lost], [GPU is lost], [GPU is lost], [GPU is lost], [N/A], [N/A], [N/A]',
      0,
    ],
    [
      '0, GPU-0a10, NVIDIA A10G, 0, 23028, [GPU requires reset], [GPU requires reset], [N/A], [N/A], [N/A]',
      0,
    ],
    ['', 16],
  ])('finds the GPU lost by %j', (output, exitCode) => {
    expect(readGpus(ended(output, exitCode), null)).toMatchObject({ kind: 'lost' });
  });

  it.each([
    ['Unable to determine the device handle for GPU 0000:3D:00.0: Unknown Error', 255],
    ['0, GPU-0a10, NVIDIA A10G, 20946, 23028, [Unknown Error], 98, 243.51, 0, [N/A]', 0],
    ['0, GPU-0a10, NVIDIA A10G, 20946, 23028, ERR!, 98, 243.51, 0, [N/A]', 0],
  ])('ends in an unknown error by %j', (output, exitCode) => {
    expect(readGpus(ended(output, exitCode), null)).toMatchObject({ kind: 'unknown-error', why: output });
  });

  it.each([
    ['Failed to initialize NVML: Unknown Error', 255],
    ['Failed to initialize NVML: Driver/library version mismatch', 18],
    ["NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", 9],
    ['Field "retired_pages.pending" is not a valid field to query.', 2],
  ])('says nothing about the GPU by %j', (output, exitCode) => {
    expect(readGpus(ended(`${output}\n`, exitCode), null)).toEqual({ kind: 'unreadable', why: output });
  });

  it('hangs where either question does', () => {
    expect(readGpus({ kind: 'hung' }, null)).toEqual({ kind: 'hung' });
    expect(readGpus(ended(A10G), { kind: 'hung' })).toEqual({ kind: 'hung' });
  });
});

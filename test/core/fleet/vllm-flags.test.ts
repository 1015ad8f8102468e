import { expect, it } from 'vitest';
import { adapterSchema } from '../../../core/fleet/adapter.ts';
import { adapterFlags } from '../../../core/fleet/adapter-flags.ts';
import { mediaFlags } from '../../../core/fleet/media-flags.ts';
import { flagValue } from '../../../core/fleet/vllm-flags.ts';

it.each([
  [['--runner', 'pooling'], 'pooling'],
  [['--runner=pooling'], 'pooling'],
  [['--runner', 'generate', '-x', '--runner', 'pooling'], 'pooling'],
  [['--runners', 'pooling'], undefined],
  [['--runner'], undefined],
] as const)('reads a flag in %j', (args, value) => expect(flagValue(args, ['--runner'])).toBe(value));

it.each([[['--max_num_seqs', '8']], [['--max-num-seqs=8']], [['--max_num-seqs=8']]])(
  'reads a flag of several words in %j',
  (args) => expect(flagValue(args, ['--max-num-seqs'])).toBe('8'),
);

const adaptersOf = (ranks: readonly (number | undefined)[]) =>
  ranks.map((rank, i) => adapterSchema.parse({ id: `a${i}`, source: 'folder', path: '/a', rank }));

it.each([
  [[], []],
  [[undefined], ['--enable-lora', '--max-loras', '1', '--max-cpu-loras', '1', '--max-lora-rank', '16']],
  [
    [8, 40],
    ['--enable-lora', '--max-loras', '2', '--max-cpu-loras', '2', '--max-lora-rank', '64'],
  ],
  [
    [1, 1, 1, 1, 1, 1],
    ['--enable-lora', '--max-loras', '4', '--max-cpu-loras', '6', '--max-lora-rank', '1'],
  ],
] as const)('asks vLLM for places for adapters of ranks %j', (ranks, flags) => {
  expect(adapterFlags(adaptersOf(ranks))).toEqual(flags);
});

it('lets media come from the hosts that are named, and from none where none is', () => {
  expect(mediaFlags(['a.example', 'b.example'])).toEqual([
    '--allowed-media-domains',
    'a.example',
    'b.example',
  ]);
  expect(mediaFlags([])).toEqual(['--allowed-media-domains', expect.stringMatching(/\.invalid$/)]);
});

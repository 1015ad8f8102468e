import { describe, expect, it } from 'vitest';
import { safeEngineLine } from '../../../core/agent/engine-line.ts';

// As vLLM 0.32 writes them: its format is in vllm/logger.py, its texts are beside the loggers that it names.
const CORE = '(EngineCore pid=212) ERROR 11-02 10:15:03';
const SERVER = '(APIServer pid=101) INFO 11-02 10:15:03';
const WITHHELD = '(text withheld)';
const SECRET = 'tell-nobody';

const STATS =
  'Engine 000: Avg prompt throughput: 812.4 tokens/s, Avg generation throughput: 95.0 tokens/s, ' +
  'Running: 12 reqs, Waiting: 3 reqs, GPU KV cache usage: 4.1%, Prefix cache hit rate: 37.5%';

describe('keeps what holds nothing of a Request', () => {
  it.each([
    `${SERVER} [loggers.py:321] ${STATS}`,
    `${CORE} [core.py:1512] EngineCore encountered a fatal error.`,
    `${CORE} [core.py:1512] Traceback (most recent call last):`,
    `${CORE} [core.py:1512] RuntimeError: CUDA error: an illegal memory access was encountered`,
    `${CORE} [multiproc_executor.py:315] Worker proc VllmWorker-1 died unexpectedly (exit code: -9), shutting down executor.`,
    '(APIServer pid=101) WARNING 11-02 10:15:03 [core_client.py:818] [shutdown] MPClient: engine core exited unexpectedly; starting cleanup',
  ])('%s', (line) => {
    expect(safeEngineLine(line)).toBe(line);
  });

  it('of a frame without the folders before its package', () => {
    const frame =
      '  File "/home/alice/venv/lib/python3.12/site-packages/torch/nn/modules/module.py", line 1775, in _call';
    expect(safeEngineLine(frame)).toBe('  File "torch/nn/modules/module.py", line 1775, in _call');
  });
});

describe('keeps of other lines only where they were logged', () => {
  it.each([
    [
      `${CORE} [dump_input.py:79] `,
      `Dumping scheduler output for model execution: SchedulerOutput(scheduled_new_reqs=[NewRequestData(req_id=chatcmpl-1,prompt_token_ids_len=12,sampling_params=SamplingParams(n=1, stop=['${SECRET}'], bad_words=['${SECRET}'], structured_outputs=StructuredOutputsParams(json='${SECRET}'), extra_args={'k': '${SECRET}'}))])`,
    ],
    [
      '(APIServer pid=101) WARNING 11-02 10:15:03 [hf.py:839] ',
      `Chat template rejected the request: No user query found in messages: ${SECRET}`,
    ],
    [
      `${SERVER} [logger.py:62] `,
      `Received request chatcmpl-1: prompt: '${SECRET}', params: SamplingParams(n=1)`,
    ],
    [
      '(APIServer pid=101) WARNING 11-02 10:15:03 [harmony.py:279] ',
      `Invalid JSON in browser tool call, using error placeholder: ${SECRET}`,
    ],
    // Further lines of a message are a user's as much as its first.
    [`${SERVER} [logger.py:62] `, `Engine 000: Avg prompt throughput: ${SECRET}`],
    [`${SERVER} [logger.py:62] `, `${STATS}, ${SECRET}`],
    [`${SERVER} [logger.py:62] `, `  File "/home/alice/${SECRET}/main.py", line 3, in main`],
    [`${SERVER} [logger.py:62] `, `  File "/home/alice/vllm/${SECRET}.py", line 3, in main`],
    [`${CORE} [core.py:1512] `, `    raise ValueError(prompt)  # ${SECRET}`],
  ])('%s%s', (place, text) => {
    expect(safeEngineLine(place + text)).toBe(`${place}${WITHHELD}`);
  });

  it('and an exception’s kind', () => {
    const place = `${CORE} [core.py:1512]`;
    expect(safeEngineLine(`${place} ValueError: ${SECRET}`)).toBe(`${place} ValueError: ${WITHHELD}`);
    expect(safeEngineLine(`jinja2.exceptions.TemplateError: ${SECRET}`)).toBeNull();
    expect(
      safeEngineLine(
        'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total',
      ),
    ).toBe('torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.50 GiB');
    expect(safeEngineLine(`RuntimeError: CUDA error: ${SECRET}`)).toBe(`RuntimeError: ${WITHHELD}`);
  });
});

it.each([SECRET, `INFO: ${SECRET}`, `{"message": "${SECRET}"}`, `(APIServer pid=1) ${SECRET}`, '', '   '])(
  'keeps nothing of a line that vLLM’s log does not begin: %s',
  (line) => {
    expect(safeEngineLine(line)).toBeNull();
  },
);

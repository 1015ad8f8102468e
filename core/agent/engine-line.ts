/** How vLLM 0.32 begins each line of its log (vllm/logger.py), those of a message of many lines too. */
const PLACE =
  /^(?:\([\w. :-]+ pid=\d+\) )?(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) \d\d-\d\d \d\d:\d\d:\d\d \[[\w./-]+:\d+\](?: |$)/;

const PACKAGES = '(?:vllm|torch|triton|transformers|flashinfer|xgrammar)';
const NUMBER = String.raw`-?\d+(?:\.\d+)?`;

/** Texts that hold nothing but vLLM's own words, numbers and places in public code. */
const SAFE: readonly RegExp[] = [
  // The counters that it prints every ten seconds (v1/metrics/loggers.py).
  new RegExp(
    `^Engine \\d+: Avg prompt throughput: ${NUMBER} tokens/s, Avg generation throughput: ${NUMBER} tokens/s, ` +
      `Running: \\d+ reqs, Waiting: \\d+ reqs(?:, Deferred: \\d+ reqs)?(?:, Preemptions: \\d+)?` +
      `(?:, (?:GPU|CPU) KV cache usage: ${NUMBER}%)?(?:, Prefix cache hit rate: ${NUMBER}%)?` +
      `(?:, MM cache hit rate: ${NUMBER}%)?$`,
  ),
  /^EngineCore encountered a fatal error\.$/,
  /^AsyncLLM output_handler failed\.$/,
  /^WorkerProc (?:failed|hit an exception)\.$/,
  /^Worker proc [\w-]+ died unexpectedly \(exit code: -?\d+\), shutting down executor\.$/,
  /^\[shutdown\] MPClient: engine core exited unexpectedly; starting cleanup$/,
  /^Traceback \(most recent call last\):$/,
];

/** A frame of a traceback in an installed package, without the folders before it. */
const FRAME = new RegExp(
  String.raw`^ +File "(?:/[\w.+-]+)*/(?:site|dist)-packages/(${PACKAGES}/[\w./-]+\.py)", (line \d+, in [\w<>]+)$`,
);
const CUDA_ERRORS = [
  'an illegal instruction was encountered',
  'an illegal memory access was encountered',
  'device-side assert triggered',
  'misaligned address',
  'the launch timed out and was terminated',
  'uncorrectable ECC error encountered',
  'unspecified launch failure',
].join('|');
/** An exception's kind, and of its message what the CUDA runtime says. */
const EXCEPTION = new RegExp(
  String.raw`^((?:${PACKAGES}\.[\w.]+|Runtime|Value|Type|Key|Index|Assertion|Attribute|Memory|OS|Timeout|NotImplemented)Error)` +
    String.raw`(?:: (CUDA error: (?:${CUDA_ERRORS})|CUDA out of memory\. Tried to allocate ${NUMBER} [KMG]iB)?|$)`,
);

const WITHHELD = '(text withheld)';

/**
 * What may be kept of a line that vLLM prints while it has Requests of users: where in vLLM's code it was logged, and
 * its text only where that is known to hold nothing of a Request. vLLM dumps Requests when a step fails, and passes on
 * texts of chat templates and exceptions. Null: nothing.
 */
export function safeEngineLine(line: string): string | null {
  const printed = line.trimEnd();
  if (printed === '') return null;
  const place = PLACE.exec(printed)?.[0] ?? '';
  const text = safeText(printed.slice(place.length));
  if (text !== null) return `${place}${text}`;
  return place === '' ? null : `${place.trimEnd()} ${WITHHELD}`;
}

function safeText(text: string): string | null {
  if (text === '' || SAFE.some((shape) => shape.test(text))) return text;
  const [, file, position] = FRAME.exec(text) ?? [];
  if (file !== undefined) return `  File "${file}", ${position}`;
  const [, kind, runtimeSays] = EXCEPTION.exec(text) ?? [];
  return kind === undefined ? null : `${kind}: ${runtimeSays ?? WITHHELD}`;
}

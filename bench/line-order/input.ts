import { MODEL } from '../agent-vllm/engine.ts';

/** Beginnings that lines share, as a few dozen prompts of an evaluation do; each is longer than a group's key. */
const PROMPTS = 96;
const PROMPT_CHARACTERS = 700;
/** Prime to the number of prompts, so that neighbours in the file never begin alike. */
const STRIDE = 41;
const ANSWER = { shortest: 8, longest: 120 };
/** Step of the golden ratio: lengths as mixed as random ones, and the same in each run. */
const ANSWER_STEP = 0.6180339887498949;

const WORDS = ['parcel', 'label', 'depot', 'slip', 'driver', 'street', 'letter', 'month', 'answer', 'order'];

/** Bodies of chat completions whose beginnings come up in turn, with answers of mixed lengths. */
export function bodiesWithSharedBeginnings(lines: number): readonly string[] {
  return Array.from({ length: lines }, (_, i) => {
    const messages = [
      { role: 'system', content: prompt((i * STRIDE) % PROMPTS) },
      { role: 'user', content: `Letter ${i}: where is it?` },
    ];
    const { shortest, longest } = ANSWER;
    const tokens = Math.round(shortest * (longest / shortest) ** ((i * ANSWER_STEP) % 1));
    return JSON.stringify({ model: MODEL, messages, max_tokens: tokens, ignore_eos: true });
  });
}

function prompt(n: number): string {
  let text = `Case ${n}.`;
  for (let k = 0; text.length < PROMPT_CHARACTERS; k++) text += ` ${WORDS[(n + k * (n + 3)) % WORDS.length]}`;
  return text.slice(0, PROMPT_CHARACTERS);
}

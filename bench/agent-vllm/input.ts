import { MODEL } from './engine.ts';

export const ENDPOINT = '/v1/chat/completions';

const INSTRUCTIONS =
  'You read letters to a parcel service. Say what the letter is about and what should be done about it.';
const SENTENCES = [
  'The parcel was to come on Monday, and the page shows nothing new since it left the depot.',
  'Two of the cups came broken, and the box was open on one side.',
  'I wrote to you last week and have had no answer.',
  'The driver left it with a neighbour whose name I cannot read.',
  'Please tell me whether I can send it back without the slip.',
  'My new address is not the one on the label.',
  'It was a present, so it is of no use to me after the end of the month.',
];

/** Characters of a letter and tokens of an answer: as many short ones as long ones on a scale of doublings. */
const LETTER = { shortest: 40, longest: 900 };
const ANSWER = { shortest: 16, longest: 190 };
/** Steps of the R2 sequence: lengths as mixed and as independent as random ones, and the same in each run. */
const LETTER_STEP = 0.7548776662466927;
const ANSWER_STEP = 0.5698402909980532;

interface Range {
  readonly shortest: number;
  readonly longest: number;
}

const lengthIn = ({ shortest, longest }: Range, part: number): number =>
  Math.round(shortest * (longest / shortest) ** part);

/** Chat completions of mixed lengths with the same instructions before each, as in a user's file. */
export function requestBodies(lines: number): readonly string[] {
  return Array.from({ length: lines }, (_, i) => {
    const messages = [
      { role: 'system', content: INSTRUCTIONS },
      { role: 'user', content: letter(i) },
    ];
    const tokens = lengthIn(ANSWER, (i * ANSWER_STEP) % 1);
    // The random model may end at any token: both sides shall write as many.
    return JSON.stringify({ model: MODEL, messages, max_tokens: tokens, ignore_eos: true });
  });
}

function letter(i: number): string {
  const length = lengthIn(LETTER, (i * LETTER_STEP) % 1);
  let text = `Letter ${i}.`;
  for (let k = 0; text.length < length; k++) text += ` ${SENTENCES[(i + k * k + k) % SENTENCES.length]}`;
  return text.slice(0, length);
}

/** The input file of the Batch API, which run-batch reads as well. */
export const inputFile = (bodies: readonly string[]): string =>
  bodies
    .map((body, i) => `{"custom_id":"row-${i}","method":"POST","url":"${ENDPOINT}","body":${body}}\n`)
    .join('');

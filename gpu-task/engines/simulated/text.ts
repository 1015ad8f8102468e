import { createHash } from 'node:crypto';

/** Roughly what a tokenizer makes of English. */
const CHARS_PER_TOKEN = 4;

const WORDS = [
  'the answer follows from what was asked and stays short because a batch should cost little',
  'each part is looked at in turn and the result is given in plain words without any promise',
  'two points matter here first the facts as they stand and second what can be done with them',
]
  .join(' ')
  .split(' ');

export const tokensIn = (text: string): number => Math.ceil(text.length / CHARS_PER_TOKEN);

/** A whole number in [0, below), the same for the same seed. */
export function pick(seed: string, below: number): number {
  return createHash('sha256').update(seed).digest().readUInt32BE(0) % below;
}

/** A text that follows from the prompt alone: one of the labels that it offers, or a few plain words about it. */
export function answerTo(prompt: string): string {
  const labels = offeredLabels(prompt);
  const label = labels[pick(prompt, Math.max(1, labels.length))];
  if (label !== undefined) return label;
  const topic =
    prompt
      .match(/\p{L}{4,}/gu)
      ?.slice(-3)
      .join(' ') ?? 'this';
  const [length, first] = [8 + pick(prompt, 56), pick(prompt, WORDS.length)];
  const words = Array.from({ length }, (_, i) => WORDS[(first + i) % WORDS.length]);
  return `About ${topic}: ${words.join(' ')}.`;
}

/** `Classify … as positive, negative or neutral`, `one of: a, b, c`. */
function offeredLabels(prompt: string): readonly string[] {
  if (!/\b(classify|categori[sz]e|label|one of)\b/i.test(prompt)) return [];
  const list = /(?:\bone of(?: these)?|\bas|\blabels?|\bcategories)\s*:?\s+([^.\n?!:]+)/i.exec(prompt)?.[1];
  const labels = (list ?? '')
    .split(/\s*(?:,|\/|\bor\b|\band\b)\s*/)
    .map((label) => label.replace(/["'`]/g, '').trim());
  const plausible = labels.filter((label) => /^[\p{L}\d_ -]{1,30}$/u.test(label));
  return plausible.length >= 2 ? plausible : [];
}

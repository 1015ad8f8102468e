import type { Fleet } from '../../core/fleet/catalogue.ts';
import { describeEngine } from './fleets.ts';

export interface Welcome {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly dataDirectory: string;
  readonly seconds: number;
  readonly fleets: readonly Pick<Fleet, 'id' | 'engine'>[];
  /** Ids of Fleets whose engine does not answer. */
  readonly silent: ReadonlySet<string>;
  readonly notEmulated: {
    readonly count: number;
    /** Names them. */
    readonly file: string;
  };
}

const NO_ANSWER = ': gives no answer now. Start it, or Batches wait for it.';

/** What `npm start` prints when the stack is ready. */
export function welcome(facts: Welcome): string {
  const { baseUrl, apiKey, dataDirectory, seconds, fleets, silent, notEmulated } = facts;
  const engines = fleets
    .map(({ id, engine }) => `  ${id}: ${describeEngine(engine)}${silent.has(id) ? NO_ANSWER : ''}`)
    .join('\n');
  return `
Ready after ${seconds.toFixed(1)} s. Data and logs: ${dataDirectory}. Ctrl-C stops it.
Not emulated: ${notEmulated.count} things that the template has or AWS does, IAM among them; see ${notEmulated.file} and docs/local-stack.md.

Fleets and their engines:
${engines}

  Base URL  ${baseUrl}
  API key   ${apiKey}

  import OpenAI from 'openai';
  const client = new OpenAI({ baseURL: '${baseUrl}', apiKey: '${apiKey}' });
  console.log((await client.batches.list()).data);
`;
}

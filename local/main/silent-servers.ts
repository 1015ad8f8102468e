import type { Fleet } from '../../core/fleet/catalogue.ts';

const ANSWER_MS = 2000;

/** The ids of Fleets whose server of someone else gives no answer now, good or bad: their Tasks would wait for it. */
export async function silentServers(
  fleets: readonly Pick<Fleet, 'id' | 'engine'>[],
): Promise<ReadonlySet<string>> {
  const asked = fleets.map(async ({ id, engine }) =>
    engine.kind === 'openai-compatible' && !(await answers(engine.baseUrl)) ? [id] : [],
  );
  return new Set((await Promise.all(asked)).flat());
}

async function answers(baseUrl: string): Promise<boolean> {
  try {
    const answer = await fetch(`${baseUrl}/models`, { signal: AbortSignal.timeout(ANSWER_MS) });
    await answer.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

import type { Child } from './child.ts';

export interface Start {
  /** Of the program, for people. */
  readonly name: string;
  /** Asked again and again. */
  readonly answers: () => Promise<boolean>;
  readonly limitMs: number;
  readonly pollMs: number;
  /** What the program has said lately. @default - it is told elsewhere */
  readonly printed?: readonly string[];
}

/** Waits until a program answers. Kills it and rejects, with the reason, where it ends before or is late. */
export async function untilAnswers(child: Child, start: Start): Promise<void> {
  try {
    await poll(child, start);
  } catch (error) {
    child.killGroup();
    throw error;
  }
}

async function poll(child: Child, { name, answers, limitMs, pollMs, printed }: Start): Promise<void> {
  const startedAtMs = performance.now();
  let exit: string | undefined;
  child.exited.then(
    ({ code, signal }) => {
      exit = `it ended with ${code ?? signal}`;
    },
    (error: unknown) => {
      exit = String(error);
    },
  );
  for (;;) {
    // Another program on the port answers too while ours has ended.
    if ((await answers()) && exit === undefined) return;
    const waitedMs = performance.now() - startedAtMs;
    const reason = exit ?? (waitedMs > limitMs ? `no answer within ${limitMs} ms` : undefined);
    if (reason !== undefined) {
      const said = printed === undefined ? '' : ` It printed:\n${printed.join('\n')}`;
      throw new Error(`${name} did not start: ${reason}.${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

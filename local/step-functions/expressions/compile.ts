import jsonata from 'jsonata';

export type Compiled =
  | { readonly ok: true; readonly expression: jsonata.Expression }
  | { readonly ok: false; readonly message: string };

/** A runaway expression would otherwise hold the one thread that all executions share. */
const LONGEST_EVALUATION_MS = 10_000;

const cache = new Map<string, Compiled>();

/** The expression inside `{% … %}`, or undefined for a plain string. */
export function expressionIn(text: string): string | undefined {
  return text.startsWith('{%') && text.endsWith('%}') ? text.slice(2, -2).trim() : undefined;
}

/** Compiles a JSONata expression once; the definitions of a stack are few, so nothing is evicted. */
export function compileExpression(source: string): Compiled {
  const known = cache.get(source);
  if (known !== undefined) return known;
  const compiled = compile(source);
  cache.set(source, compiled);
  return compiled;
}

function compile(source: string): Compiled {
  try {
    return { ok: true, expression: jsonata(source, { timeout: LONGEST_EVALUATION_MS }) };
  } catch (error) {
    return { ok: false, message: `'${source}' is not JSONata: ${messageOf(error)}` };
  }
}

/** JSONata throws plain objects, not Errors. */
export function messageOf(thrown: unknown): string {
  const { message } = Object(thrown) as { message?: unknown };
  return typeof message === 'string' ? message : String(thrown);
}

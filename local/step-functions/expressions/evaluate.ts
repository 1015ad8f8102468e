import { StateFailure } from '../interpreter/state-failure.ts';
import { compileExpression, expressionIn, messageOf } from './compile.ts';

export type Bindings = Readonly<Record<string, unknown>>;

/**
 * Evaluates a field of a state: every string `{% … %}` in it is replaced by its value, all else stays.
 * `field` is the path that AWS names in the cause. Throws States.QueryEvaluationError, also when an
 * expression gives nothing.
 */
export async function evaluateField(template: unknown, field: string, bindings: Bindings): Promise<unknown> {
  if (typeof template === 'string') {
    const expression = expressionIn(template);
    return expression === undefined ? template : evaluateExpression(expression, field, bindings);
  }
  if (Array.isArray(template)) {
    const values: unknown[] = [];
    for (const [index, each] of template.entries())
      values.push(await evaluateField(each, `${field}[${index}]`, bindings));
    return values;
  }
  if (typeof template !== 'object' || template === null) return template;
  const entries: [string, unknown][] = [];
  for (const [key, each] of Object.entries(template))
    entries.push([key, await evaluateField(each, `${field}/${key}`, bindings)]);
  return Object.fromEntries(entries);
}

async function evaluateExpression(source: string, field: string, bindings: Bindings): Promise<unknown> {
  const where = `The JSONata expression '${source}' specified for the field '${field}'`;
  const compiled = compileExpression(source);
  if (!compiled.ok) throw queryEvaluationError(`${where} is not valid. ${compiled.message}`);
  let value: unknown;
  try {
    value = await compiled.expression.evaluate(undefined, bindings);
  } catch (error) {
    throw queryEvaluationError(`${where} threw an error. ${messageOf(error)}`);
  }
  if (value === undefined) throw queryEvaluationError(`${where} returned nothing (undefined).`);
  if (isFunction(value))
    throw queryEvaluationError(`${where} returned an unsupported result type: function.`);
  // JSONata marks its sequences and shares parts of its input: only a plain copy may travel on.
  return JSON.parse(JSON.stringify(value));
}

export function queryEvaluationError(cause: string): StateFailure {
  return new StateFailure('States.QueryEvaluationError', cause);
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function' || Object(value)._jsonata_lambda === true;
}

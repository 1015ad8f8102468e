/** What an intrinsic may ask of the stack that it stands in. */
export interface Scope {
  ref(name: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, topLevelKey: string, secondLevelKey: string): unknown;
  importValue(exportName: string): string;
  /** Rewrites a string that was put together, where it names an address that answers elsewhere here. */
  localAddress(text: string): string;
}

/** `Ref: AWS::NoValue`: the property or list element that holds it is left out. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope) => scope.ref(text(argument, scope)),
  'Fn::GetAtt': getAttribute,
  'Fn::Join': (argument, scope) => {
    const [separator, values] = list(argument, scope);
    return scope.localAddress(strings(values).join(String(separator)));
  },
  'Fn::Sub': substitute,
  'Fn::Select': (argument, scope) => {
    const [index, values] = list(argument, scope);
    const selected = asList(values)[Number(index)];
    if (selected === undefined) throw new Error(`Fn::Select: there is no element ${String(index)}.`);
    return selected;
  },
  'Fn::Split': (argument, scope) => {
    const [separator, value] = list(argument, scope);
    return String(value).split(String(separator));
  },
  'Fn::If': (argument, scope) => {
    const [name, whenTrue, whenFalse] = asList(argument);
    return resolve(scope.condition(String(name)) ? whenTrue : whenFalse, scope);
  },
  'Fn::FindInMap': (argument, scope) => {
    const [map, top, second] = strings(list(argument, scope));
    return scope.mapping(map ?? '', top ?? '', second ?? '');
  },
  'Fn::ImportValue': (argument, scope) => scope.importValue(text(argument, scope)),
  'Fn::Base64': (argument, scope) => Buffer.from(text(argument, scope)).toString('base64'),
  'Fn::GetAZs': (argument, scope) => {
    const region = text(argument, scope) || String(scope.ref('AWS::Region'));
    return ['a', 'b', 'c'].map((zone) => region + zone);
  },
  'Fn::Equals': evaluateCondition.bind(undefined, 'Fn::Equals'),
  'Fn::And': evaluateCondition.bind(undefined, 'Fn::And'),
  'Fn::Or': evaluateCondition.bind(undefined, 'Fn::Or'),
  'Fn::Not': evaluateCondition.bind(undefined, 'Fn::Not'),
};

/** Replaces every intrinsic in a template value; an intrinsic that is not known is an error naming it. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((one) => resolve(one, scope)).filter((one) => one !== NO_VALUE);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only, ...others] = entries;
  if (only !== undefined && others.length === 0 && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) {
    const intrinsic = INTRINSICS[only[0]];
    if (intrinsic === undefined) throw new Error(`${only[0]} is not emulated.`);
    return intrinsic(only[1], scope);
  }
  const resolved = entries.map(([key, one]) => [key, resolve(one, scope)] as const);
  return Object.fromEntries(resolved.filter(([, one]) => one !== NO_VALUE));
}

function getAttribute(argument: unknown, scope: Scope): unknown {
  const parts = typeof argument === 'string' ? argument.split('.') : strings(list(argument, scope));
  const [logicalId = '', ...attribute] = parts;
  return scope.attribute(logicalId, attribute.join('.'));
}

function substitute(argument: unknown, scope: Scope): string {
  const [template, variables = {}] = Array.isArray(argument) ? argument : [argument];
  const values = resolve(variables, scope) as Record<string, unknown>;
  const substituted = String(template).replace(/\$\{([^}]+)\}/g, (_whole, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (name in values) return String(values[name]);
    return String(name.includes('.') ? getAttribute(name, scope) : scope.ref(name));
  });
  return scope.localAddress(substituted);
}

type ConditionFunction = 'Fn::Equals' | 'Fn::And' | 'Fn::Or' | 'Fn::Not';

function evaluateCondition(name: ConditionFunction, argument: unknown, scope: Scope): boolean {
  if (!Array.isArray(argument)) throw new Error(`${name}: expected a list.`);
  switch (name) {
    case 'Fn::Equals': {
      const [left, right] = argument.map((one) => JSON.stringify(resolve(one, scope)));
      return left === right;
    }
    case 'Fn::And':
      return argument.every((one) => isTrue(one, scope));
    case 'Fn::Or':
      return argument.some((one) => isTrue(one, scope));
    case 'Fn::Not':
      return !isTrue(argument[0], scope);
  }
}

/** Evaluates a condition's definition: a condition function, or `{ Condition: name }`. */
export function isTrue(definition: unknown, scope: Scope): boolean {
  if (typeof definition === 'object' && definition !== null && 'Condition' in definition) {
    return scope.condition(String(definition.Condition));
  }
  return resolve(definition, scope) === true;
}

function text(argument: unknown, scope: Scope): string {
  return String(resolve(argument, scope));
}

function list(argument: unknown, scope: Scope): unknown[] {
  return asList(resolve(argument, scope));
}

function asList(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error(`expected a list, found ${JSON.stringify(value)}.`);
  return value;
}

function strings(value: unknown): string[] {
  return asList(value).map((one) => (typeof one === 'object' ? JSON.stringify(one) : String(one)));
}

/** True where the field (undefined: absent) is what one entry of a pattern's list asks for. */
export type LeafTest = (value: unknown) => boolean;

type Compile = (operand: unknown, where: string) => LeafTest;

const OPERATORS: Readonly<Record<string, Compile>> = {
  prefix: textOperator((value, wanted) => value.startsWith(wanted)),
  suffix: textOperator((value, wanted) => value.endsWith(wanted)),
  'equals-ignore-case': (operand, where) => {
    const wanted = text(operand, where).toLowerCase();
    return (value) => typeof value === 'string' && value.toLowerCase() === wanted;
  },
  exists: (operand, where) => {
    if (typeof operand !== 'boolean') throw new Error(`${where}: exists takes true or false.`);
    return (value) => (value !== undefined) === operand;
  },
  numeric: compileNumeric,
  'anything-but': compileAnythingBut,
};

/** Compiles one entry of a leaf's list: a value, or an object with one operator. Throws on an unknown one. */
export function compileLeaf(entry: unknown, where: string): LeafTest {
  if (entry === null || typeof entry !== 'object') return (value) => value === entry;
  const [[name, operand] = ['', undefined], ...others] = Object.entries(entry);
  const compile = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (compile !== undefined && others.length === 0) return compile(operand, `${where}.${name}`);
  throw new Error(
    `${where}: ${JSON.stringify(entry)} is not an operator that the local stack has. ` +
      `It has one of these at a time: ${Object.keys(OPERATORS).join(', ')}.`,
  );
}

/** prefix and suffix take a text, or a text that is compared without case. */
function textOperator(holds: (value: string, wanted: string) => boolean): Compile {
  return (operand, where) => {
    const anyCase = typeof operand === 'object' && operand !== null && 'equals-ignore-case' in operand;
    if (!anyCase) {
      const wanted = text(operand, where);
      return (value) => typeof value === 'string' && holds(value, wanted);
    }
    const wanted = text(operand['equals-ignore-case'], where).toLowerCase();
    return (value) => typeof value === 'string' && holds(value.toLowerCase(), wanted);
  };
}

function compileAnythingBut(operand: unknown, where: string): LeafTest {
  const listed = typeof operand === 'object' && operand !== null && !Array.isArray(operand);
  const tests = listed ? withoutEach(operand, where) : asList(operand).map((entry) => scalar(entry, where));
  return (value) => value !== undefined && !tests.some((test) => test(value));
}

/** `{"prefix": ["a", "b"]}` excludes what either prefix holds for. */
function withoutEach(operand: object, where: string): LeafTest[] {
  return Object.entries(operand).flatMap(([name, wanted]) => {
    if (name !== 'exists' && name !== 'anything-but' && name !== 'numeric') {
      return asList(wanted).map((one) => compileLeaf({ [name]: one }, where));
    }
    throw new Error(`${where}: anything-but does not take ${name}.`);
  });
}

function scalar(entry: unknown, where: string): LeafTest {
  if (typeof entry === 'string' || typeof entry === 'number') return (value) => value === entry;
  throw new Error(`${where}: anything-but takes texts, numbers, or one operator.`);
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

function compileNumeric(operand: unknown, where: string): LeafTest {
  const parts = asList(operand);
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const [name, bound] = [parts[index], parts[index + 1]];
    const holds = typeof name === 'string' ? COMPARISONS[name] : undefined;
    if (holds === undefined || typeof bound !== 'number') {
      throw new Error(`${where}: numeric takes pairs of a comparison and a number, as in [">", 0, "<=", 5].`);
    }
    tests.push((value) => holds(value, bound));
  }
  if (tests.length === 0 || tests.length > 2) throw new Error(`${where}: numeric takes one or two pairs.`);
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function text(operand: unknown, where: string): string {
  if (typeof operand === 'string') return operand;
  throw new Error(`${where}: takes a text, not ${JSON.stringify(operand)}.`);
}

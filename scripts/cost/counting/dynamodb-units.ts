/** An attribute as DynamoDB's JSON has it: `{"S": "text"}`. */
type Attribute = Readonly<Record<string, unknown>>;
type Item = Readonly<Record<string, Attribute>>;

const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;

export interface Units {
  readonly read: number;
  readonly write: number;
}

/**
 * What DynamoDB charges a call with (Developer Guide, "Capacity unit consumption"): a strongly consistent read once,
 * another half, and transactions twice. Reads go by the bytes of the answer, which JSON makes larger than the items
 * are; a refused write is charged as one that was made.
 */
export function unitsOf(operation: string, sent: string, receivedBytes: number): Units {
  const reads = Math.max(1, Math.ceil(receivedBytes / READ_UNIT_BYTES));
  switch (operation) {
    case 'GetItem':
    case 'Query':
      return { read: isConsistent(sent) ? reads : reads / 2, write: 0 };
    case 'TransactGetItems':
      return { read: 2 * Math.max(itemsOf(sent).length, reads), write: 0 };
    case 'PutItem':
      return { read: 0, write: writesOf((JSON.parse(sent) as { readonly Item: Item }).Item) };
    case 'DeleteItem':
      return { read: 0, write: 1 };
    case 'TransactWriteItems':
      return { read: 0, write: 2 * sum(itemsOf(sent).map(writesOfTransacted)) };
    default:
      throw new Error(`No price is known for DynamoDB's ${operation}.`);
  }
}

const isConsistent = (sent: string): boolean =>
  (JSON.parse(sent) as { readonly ConsistentRead?: boolean }).ConsistentRead ?? false;

interface Transacted {
  readonly Put?: { readonly Item: Item };
}

const itemsOf = (sent: string): readonly Transacted[] =>
  (JSON.parse(sent) as { readonly TransactItems: readonly Transacted[] }).TransactItems;

const writesOfTransacted = ({ Put }: Transacted): number => (Put === undefined ? 1 : writesOf(Put.Item));

const writesOf = (item: Item): number => Math.max(1, Math.ceil(itemBytes(item) / WRITE_UNIT_BYTES));

/** Names and values in UTF-8; a list or map has three bytes of its own and one for each member. */
export function itemBytes(item: Item): number {
  return sum(Object.entries(item).map(([name, value]) => Buffer.byteLength(name) + attributeBytes(value)));
}

function attributeBytes(attribute: Attribute): number {
  const [type = 'NULL', value] = Object.entries(attribute)[0] ?? [];
  switch (type) {
    case 'S':
      return Buffer.byteLength(String(value));
    case 'N':
      return Math.ceil(String(value).length / 2) + 1;
    case 'B':
      return Buffer.from(String(value), 'base64').length;
    case 'L':
      return 3 + sum((value as readonly Attribute[]).map((each) => 1 + attributeBytes(each)));
    case 'M':
      return 3 + Object.keys(value as Item).length + itemBytes(value as Item);
    default:
      return 1;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

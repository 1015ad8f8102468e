import { S3Error } from './errors.ts';

export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface OpenElement {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

const TOKEN = /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.:-]*)([^<>]*?)(\/?)>|([^<]+)/gy;
const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** Reads a request document; attributes are dropped, and what is not well formed is MalformedXML. */
export function parseXml(source: string): XmlElement {
  const document: OpenElement = { name: '', text: '', children: [] };
  const open = [document];
  let consumed = 0;
  for (const match of source.matchAll(TOKEN)) {
    consumed += match[0].length;
    applyToken(match, open);
  }
  const root = document.children[0];
  if (consumed !== source.length || open.length !== 1 || root === undefined) throw malformedXml();
  return root;
}

/** The error for a document that is not what the operation's schema asks for. */
export function malformedXml(): S3Error {
  return new S3Error(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}

export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

function applyToken(match: RegExpExecArray, open: OpenElement[]): void {
  const [, closing, name, , selfClosing, text] = match;
  const current = open.at(-1);
  if (current === undefined) throw malformedXml();
  if (text !== undefined) {
    current.text += unescapeXml(text);
  } else if (name === undefined) {
    return;
  } else if (closing === '/') {
    if (open.length === 1 || current.name !== name) throw malformedXml();
    open.pop();
  } else {
    const element: OpenElement = { name, text: '', children: [] };
    current.children.push(element);
    if (selfClosing !== '/') open.push(element);
  }
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([\da-fA-F]+)|#(\d+)|(\w+));/g, (_, hex, decimal, named) => {
    if (named !== undefined) {
      const character = NAMED_ENTITIES[named];
      if (character === undefined) throw malformedXml();
      return character;
    }
    const codePoint = hex === undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
    if (codePoint > 0x10ffff) throw malformedXml();
    return String.fromCodePoint(codePoint);
  });
}

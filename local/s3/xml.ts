const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** The content of an element: text, child elements in order, or nothing (the element is left out). */
export type XmlContent = string | number | boolean | readonly XmlChild[] | undefined;
export type XmlChild = readonly [name: string, content: XmlContent];

/** Renders an S3 answer: one root element in S3's namespace. */
export function renderXml(root: string, content: string | readonly XmlChild[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${renderContent(content)}</${root}>`;
}

/** Renders an error document, which S3 sends without a namespace. */
export function renderErrorXml(children: readonly XmlChild[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${renderElements(children)}</Error>`;
}

/** Renders elements in order, without a root. */
export function renderElements(children: readonly XmlChild[]): string {
  return children.map(([name, content]) => renderElement(name, content)).join('');
}

function renderElement(name: string, content: XmlContent): string {
  if (content === undefined) return '';
  return `<${name}>${renderContent(content)}</${name}>`;
}

function renderContent(content: Exclude<XmlContent, undefined>): string {
  return typeof content === 'object' ? renderElements(content) : escapeXml(String(content));
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"\p{Cc}]/gu, (character) => `&#x${character.charCodeAt(0).toString(16)};`);
}

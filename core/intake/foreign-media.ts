/** Fields of a body that are, or list, what may hold content parts: messages, a response's input, texts to compare. */
const HOLDERS = [
  ...['messages', 'input', 'query', 'queries', 'documents', 'items'],
  ...['text_1', 'text_2', 'data_1', 'data_2'],
];
/** Where content parts stand in a message, and in what a function gave back to a response. */
const PARTS = ['content', 'output'];
const MEDIA = ['image_url', 'audio_url', 'video_url'];

const SCHEME = /^\s*([a-z][a-z0-9+.-]*):/i;
const SUPPORTED: ReadonlySet<string> = new Set(['https', 'http', 'data']);

export interface ForeignMedia {
  /** In the body: `messages[0].content[1].image_url.url`. */
  readonly path: string;
  readonly scheme: string;
}
type Look = (value: unknown) => ForeignMedia | null;

/** Looks at these fields of an object. */
const among =
  (names: readonly string[], look: Look): Look =>
  (value) => {
    if (typeof value !== 'object' || value === null) return null;
    for (const name of names) {
      const found = look((value as Readonly<Record<string, unknown>>)[name]);
      if (found !== null) return { ...found, path: `.${name}${found.path}` };
    }
    return null;
  };

/** Looks at each entry of a list, or at what is none. */
const each =
  (look: Look): Look =>
  (value) => {
    if (!Array.isArray(value)) return look(value);
    // Tokens of one text, by the thousand.
    if (typeof value[0] === 'number') return null;
    const at = value.findIndex((entry) => look(entry) !== null);
    const found = look(value[at]);
    return found && { ...found, path: `[${at}]${found.path}` };
  };

const lookAtUrl: Look = (value) => {
  const scheme = typeof value === 'string' ? SCHEME.exec(value)?.[1] : undefined;
  return scheme === undefined || SUPPORTED.has(scheme.toLowerCase()) ? null : { path: '', scheme };
};
const lookInUrl = among(['url'], lookAtUrl);
const lookAtParts = each(among(MEDIA, (value) => lookAtUrl(value) ?? lookInUrl(value)));
const lookAtBody = among(HOLDERS, each(among(PARTS, lookAtParts)));

/**
 * The first medium of a body whose URL has a scheme that is not supported, or null. To `file:` vLLM answers 500, which
 * would be tried again in vain. What has no scheme is the engine's to judge: some take bare base64.
 */
export function foreignMedia(body: unknown): ForeignMedia | null {
  const found = lookAtBody(body);
  return found && { ...found, path: found.path.slice(1) };
}

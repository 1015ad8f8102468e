/** An error as it may be logged and thrown on: JSON.parse quotes the text that it could not read. */
export function withoutPayload(error: Error): Error {
  if (!(error instanceof SyntaxError)) return error;
  const clean = new Error('A stored JSON document is damaged.');
  clean.name = error.name;
  return clean;
}

/** Structured logging: ids, counts and reasons; never a body, a result or a URL with a signature. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** A log that says these fields too. */
  with(fields: LogFields): Log;
}
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** What went wrong, without the stack: messages of ours and of the SDK name no content. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

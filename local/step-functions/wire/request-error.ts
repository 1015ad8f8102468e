/** A call refused for a reason that AWS names by `code`; the message is what the caller reads. */
export class RequestError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Rejection {
  readonly status: number;
  readonly message: string;
  /** @default - `invalid_request_error` */
  readonly type?: string;
  /** @default - null */
  readonly param?: string | null;
  /** @default - null */
  readonly code?: string | null;
  /** The openai SDKs repeat 409 and 429 twice unless told not to. @default - they decide */
  readonly retry?: false;
}

/** Ends a request with an answer of 4xx: the caller has to change something. */
export class RejectRequest extends Error {
  readonly rejection: Rejection;

  constructor(rejection: Rejection) {
    super(rejection.message);
    this.name = 'RejectRequest';
    this.rejection = rejection;
  }
}

/** Body of every error answer: all four keys, nulls included (OpenAI `ErrorResponse`). */
export const errorBody = ({
  message,
  type = 'invalid_request_error',
  param = null,
  code = null,
}: Rejection) => ({
  error: { message, type, param, code },
});

export const notFound = (message: string): RejectRequest => new RejectRequest({ status: 404, message });
export const badRequest = (message: string, param: string | null, code: string | null): RejectRequest =>
  new RejectRequest({ status: 400, message, param, code });

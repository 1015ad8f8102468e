import { type Asked, answered, type Refusal } from '../../../core/doctor/asked.ts';

const CREDENTIALS =
  /Credentials|^(ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|TokenRefreshRequired|SignatureDoesNotMatch|AuthFailure)/;
const PERMISSION = /^(AccessDenied|UnauthorizedOperation|403|Forbidden|NotAuthorized)/;
const NETWORK =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|CERT_|TimeoutError|AbortError|UND_ERR)/;

/** Asks a service; what is wrong comes back as a value, in one line. */
export async function ask<T>(call: () => Promise<T>): Promise<Asked<T>> {
  try {
    return answered(await call());
  } catch (error) {
    return refused(error);
  }
}

function refused(error: unknown): Extract<Asked<never>, { kind: 'refused' }> {
  const all = causesOf(error);
  const why = all.map(refusalOf).find((each) => each !== 'other') ?? 'other';
  const said = all.findLast(({ message }) => message !== '') ?? all[0];
  const name = said === undefined || said.name === 'Error' ? '' : `${said.name}: `;
  const reason = `${name}${said?.message ?? String(error)}`.split('\n')[0] ?? '';
  return { kind: 'refused', why, reason };
}

interface Told {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
}

/** An error, what caused it, and what is in it: several addresses of one host fail as one. */
function causesOf(error: unknown): readonly Told[] {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? (error.errors as readonly unknown[]) : [];
  return [error, ...[error.cause, ...inner].flatMap(causesOf)];
}

function refusalOf({ name, code }: Told): Refusal {
  const names = [name, typeof code === 'string' ? code : ''];
  if (names.some((each) => CREDENTIALS.test(each))) return 'credentials';
  if (names.some((each) => PERMISSION.test(each))) return 'permission';
  return names.some((each) => NETWORK.test(each)) ? 'network' : 'other';
}

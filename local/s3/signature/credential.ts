import type { S3Call } from '../call.ts';
import { S3Error } from '../errors.ts';

export interface CredentialScope {
  /** YYYYMMDD */
  readonly date: string;
  readonly region: string;
}

/** What a request says about its own signature, whichever way it carries it. */
export interface SignatureClaim {
  readonly kind: 'header' | 'presigned';
  readonly accessKeyId: string;
  readonly scope: CredentialScope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** As sent: YYYYMMDDTHHMMSSZ. */
  readonly timestamp: string;
  readonly signedAtMs: number;
  /** Lifetime of a presigned URL; 0 for a signed header. */
  readonly expiresSeconds: number;
}

/** Seven days, the longest that S3 lets a presigned URL live. */
const MAX_EXPIRES_SECONDS = 604_800;

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Reads the signature of a request; throws when it has none, two, or one that cannot be read. */
export function readClaim(call: S3Call): SignatureClaim {
  const { authorization } = call.incoming.headers;
  const isPresigned = ['X-Amz-Algorithm', 'X-Amz-Signature', 'X-Amz-Credential'].some(
    (name) => call.parameter(name) !== undefined,
  );
  if (authorization !== undefined && isPresigned) {
    const message =
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified';
    throw new S3Error('InvalidArgument', message, { ArgumentName: 'Authorization' });
  }
  if (isPresigned) return readPresigned(call);
  if (authorization !== undefined) return readHeader(call, authorization);
  throw new S3Error('AccessDenied', 'Access Denied');
}

function readPresigned(call: S3Call): SignatureClaim {
  const read = (name: string): string => {
    const value = call.parameter(name);
    if (value === undefined || value === '') {
      throw queryError(
        'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
      );
    }
    return value;
  };
  if (read('X-Amz-Algorithm') !== ALGORITHM) throw queryError(`X-Amz-Algorithm only supports "${ALGORITHM}"`);
  const expires = read('X-Amz-Expires');
  if (!/^\d{1,9}$/.test(expires)) throw queryError('X-Amz-Expires should be a number');
  if (Number(expires) > MAX_EXPIRES_SECONDS) {
    throw queryError('X-Amz-Expires must be less than a week (in seconds); that is, less than 604800');
  }
  return {
    kind: 'presigned',
    ...readCredential(read('X-Amz-Credential'), queryError),
    ...readTimestamp(read('X-Amz-Date'), queryError),
    signedHeaders: read('X-Amz-SignedHeaders').split(';'),
    signature: read('X-Amz-Signature'),
    expiresSeconds: Number(expires),
  };
}

function readHeader(call: S3Call, authorization: string): SignatureClaim {
  if (!authorization.startsWith(`${ALGORITHM} `)) {
    throw new S3Error('InvalidArgument', 'Unsupported Authorization Type', { ArgumentName: 'Authorization' });
  }
  const fields = new Map(
    authorization
      .slice(ALGORITHM.length)
      .split(',')
      .map((field) => {
        const [name = '', ...value] = field.trim().split('=');
        return [name, value.join('=')] as const;
      }),
  );
  const read = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined || value === '') throw headerError(`the ${name} field is missing`);
    return value;
  };
  const timestamp = call.incoming.headers['x-amz-date'];
  if (typeof timestamp !== 'string') {
    throw new S3Error('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header');
  }
  return {
    kind: 'header',
    ...readCredential(read('Credential'), headerError),
    ...readTimestamp(timestamp, headerError),
    signedHeaders: read('SignedHeaders').split(';'),
    signature: read('Signature'),
    expiresSeconds: 0,
  };
}

function readCredential(credential: string, error: (message: string) => S3Error) {
  // An access key id may itself hold slashes; the scope is always the last four fields.
  const fields = credential.split('/');
  const [date, region, service, terminator] = fields.slice(-4);
  const accessKeyId = fields.slice(0, -4).join('/');
  if (date === undefined || region === undefined || service !== 's3' || terminator !== 'aws4_request') {
    throw error('the Credential is malformed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/s3/aws4_request".');
  }
  return { accessKeyId, scope: { date, region } };
}

function readTimestamp(timestamp: string, error: (message: string) => S3Error) {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  const [, year, month, day, hour, minute, second] = match ?? [];
  const signedAtMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(signedAtMs))
    throw error("the date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  return { timestamp, signedAtMs };
}

function queryError(message: string): S3Error {
  return new S3Error('AuthorizationQueryParametersError', message);
}

function headerError(message: string): S3Error {
  return new S3Error('AuthorizationHeaderMalformed', `The authorization header is malformed; ${message}`);
}

import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import { badRequest } from '../core/wire/reject-request.ts';
import type { ApiRequest } from './http-request.ts';

export interface FormFile {
  /** @default - the client sent no name */
  readonly filename?: string;
  readonly body: Buffer;
}

export interface MultipartForm {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: FormFile;
}

/**
 * A multipart form whose field `fileField` is a file, with or without a name; fields may stand on either side of it.
 * Rejects what is no such form.
 */
export async function multipartForm(request: ApiRequest, fileField: string): Promise<MultipartForm> {
  const contentType = request.headers['content-type'] ?? '';
  if (!/^multipart\/form-data\s*;.*\bboundary=/i.test(contentType)) {
    throw notAForm('Send it as multipart/form-data with a boundary, as the openai SDKs do.');
  }
  const form = await parse(contentType, request.body, fileField).catch((cause: unknown) => {
    throw notAForm(cause instanceof Error ? cause.message : String(cause));
  });
  if (form.file === null) {
    throw badRequest(`Missing required parameter: '${fileField}'.`, fileField, 'missing_required_parameter');
  }
  return { fields: form.fields, file: form.file };
}

const notAForm = (reason: string) =>
  badRequest(`We could not parse the multipart body of your request. ${reason}`, null, null);

interface ParsedForm {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: FormFile | null;
}

function parse(contentType: string, body: Buffer, fileField: string): Promise<ParsedForm> {
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>();
    let file: FormFile | null = null;
    // By default a part without a name would be text, and its bytes no longer what was sent.
    const isPartAFile = (name: string | undefined): boolean => name === fileField;
    const parser = new Busboy({ headers: { 'content-type': contentType }, isPartAFile });
    parser.on('file', (_field, stream, filename: string | undefined) => {
      stream.on('error', reject);
      collect(stream, (bytes) => {
        file = { ...(filename && { filename }), body: bytes };
      });
    });
    parser.on('field', (name, value) => void fields.set(name, value));
    parser.on('error', reject);
    parser.on('finish', () => resolve({ fields: Object.fromEntries(fields), file }));
    parser.end(body);
  });
}

function collect(stream: BusboyFileStream, done: (bytes: Buffer) => void): void {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => void pieces.push(piece));
  stream.on('end', () => done(Buffer.concat(pieces)));
}

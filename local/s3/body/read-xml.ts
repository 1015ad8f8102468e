import type { AuthorizedCall } from '../call.ts';
import { malformedXml, parseXml, type XmlElement } from '../xml-parse.ts';
import { receiveBody } from './receive.ts';

/** Ten thousand parts with an ETag and a SHA-256 each come to about 2 MB, the largest document S3 takes. */
const MAX_DOCUMENT_BYTES = 4 * 1024 ** 2;

/** Reads a verified request document whose root must have this name; throws MalformedXML. */
export async function readXmlBody(
  call: AuthorizedCall,
  root: string,
  checksumOf: 'body' | 'object',
): Promise<XmlElement> {
  const pieces: Buffer[] = [];
  const write = (bytes: Buffer): void => void pieces.push(bytes);
  await receiveBody({ call, maxBytes: MAX_DOCUMENT_BYTES, checksumOf, write });
  const document = parseXml(Buffer.concat(pieces).toString('utf8'));
  if (document.name !== root) throw malformedXml();
  return document;
}

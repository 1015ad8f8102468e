import { S3Error } from '../errors.ts';
import type { StoredPart, Upload } from '../store/uploads.ts';
import { childText, malformedXml, type XmlElement } from '../xml-parse.ts';

/** A part as the client lists it when it completes an upload. */
export interface ListedPart {
  readonly number: number;
  readonly etag: string;
  readonly element: XmlElement;
}

const MIN_PART_BYTES = 5 * 1024 ** 2;

/** Reads the document that completes an upload; throws MalformedXML or InvalidPartOrder. */
export function readListedParts(document: XmlElement): readonly ListedPart[] {
  const parts = document.children.map((element): ListedPart => {
    const number = childText(element, 'PartNumber') ?? '';
    const etag = childText(element, 'ETag');
    if (element.name !== 'Part' || !/^\d{1,5}$/.test(number) || etag === undefined) throw malformedXml();
    return { number: Number(number), etag: etag.replaceAll('"', ''), element };
  });
  if (parts.length === 0) throw malformedXml();
  parts.forEach((part, index) => {
    const before = parts[index - 1];
    if (before === undefined || before.number < part.number) return;
    throw new S3Error(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
    );
  });
  return parts;
}

/** Finds the listed parts among the stored; throws InvalidPart, EntityTooSmall or InvalidRequest. */
export function selectParts(
  upload: Upload,
  listed: readonly ListedPart[],
  stored: readonly StoredPart[],
): readonly StoredPart[] {
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  const chosen = listed.map((part) => {
    const found = byNumber.get(part.number);
    if (found === undefined || found.etag !== part.etag) throw invalidPart(upload, part);
    checkListedChecksum(upload, part, found);
    return found;
  });
  const small = chosen.slice(0, -1).find(({ sizeBytes }) => sizeBytes < MIN_PART_BYTES);
  if (small === undefined) return chosen;
  throw new S3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
    ProposedSize: String(small.sizeBytes),
    MinSizeAllowed: String(MIN_PART_BYTES),
    PartNumber: String(small.number),
    ETag: small.etag,
  });
}

function checkListedChecksum(upload: Upload, part: ListedPart, found: StoredPart): void {
  const { checksumAlgorithm } = upload;
  if (checksumAlgorithm === undefined) return;
  const listed = childText(part.element, `Checksum${checksumAlgorithm.toUpperCase()}`);
  if (listed === undefined) {
    throw new S3Error(
      'InvalidRequest',
      `The upload was created using a ${checksumAlgorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${part.number} in the request.`,
    );
  }
  if (listed !== found.checksum?.value) throw invalidPart(upload, part);
}

function invalidPart(upload: Upload, part: ListedPart): S3Error {
  return new S3Error(
    'InvalidPart',
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { UploadId: upload.id, PartNumber: String(part.number), ETag: part.etag },
  );
}

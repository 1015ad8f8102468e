export interface Listing {
  readonly bucket: string;
  readonly prefix: string;
  readonly etag: string;
  readonly objects: readonly { readonly key: string; readonly bytes: number }[];
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** The answer to S3's ListObjectsV2, on one page: a repository of a model has far less than a thousand files. */
export function listingXml({ bucket, prefix, etag, objects }: Listing): string {
  const contents = objects.map(
    ({ key, bytes }) =>
      `<Contents><Key>${escaped(key)}</Key><LastModified>1970-01-01T00:00:00.000Z</LastModified>` +
      `<ETag>${escaped(etag)}</ETag><Size>${bytes}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  );
  return (
    `${DECLARATION}<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name>` +
    `<Prefix>${escaped(prefix)}</Prefix><KeyCount>${objects.length}</KeyCount><MaxKeys>1000</MaxKeys>` +
    `<IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`
  );
}

export const refusalXml = (code: string): string =>
  `${DECLARATION}<Error><Code>${code}</Code><Message>The weights door refuses.</Message></Error>`;

const escaped = (text: string): string => text.replace(/[&<>"]/g, (found) => ESCAPES[found] ?? found);

import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { ObjectVersion, ObjectVersions, UnfinishedUpload } from '../../core/retention/ports.ts';

/** S3 deletes at most this many versions a request. */
const AT_ONCE = 1000;

/** All versions and unfinished uploads of one S3 bucket. Without versioning an object is its only version, `null`. */
export function s3ObjectVersions(client: S3Client, bucket: string): ObjectVersions {
  return {
    list: (prefix) => listVersions(client, bucket, prefix),
    unfinished: (prefix) => listUploads(client, bucket, prefix),
    async remove(versions) {
      for (let i = 0; i < versions.length; i += AT_ONCE) {
        const some = versions.slice(i, i + AT_ONCE);
        const Objects = some.map(({ key: Key, versionId: VersionId }) => ({ Key, VersionId }));
        const { Errors = [] } = await client.send(
          new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
        );
        const [first] = Errors;
        if (first !== undefined) throw new Error(`Could not delete ${first.Key}: ${first.Code}.`);
      }
    },
    async abort({ key: Key, uploadId: UploadId }) {
      try {
        await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
      } catch (error) {
        if (!(error instanceof S3ServiceException && error.name === 'NoSuchUpload')) throw error;
      }
    },
  };
}

async function* listVersions(
  client: S3Client,
  Bucket: string,
  Prefix: string,
): AsyncGenerator<readonly ObjectVersion[]> {
  let page: Partial<ListObjectVersionsCommandOutput> = {};
  do {
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    page = await client.send(
      new ListObjectVersionsCommand({
        ...{ Bucket, Prefix },
        ...(KeyMarker === undefined ? {} : { KeyMarker }),
        ...(VersionIdMarker === undefined ? {} : { VersionIdMarker }),
      }),
    );
    yield [
      ...(page.Versions ?? []).map((version) => versionOf(version, false)),
      ...(page.DeleteMarkers ?? []).map((marker) => versionOf(marker, true)),
    ];
  } while (page.IsTruncated === true);
}

interface ListedVersion {
  readonly Key?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly IsLatest?: boolean | undefined;
  readonly LastModified?: Date | undefined;
}

const versionOf = (
  { Key = '', VersionId = 'null', IsLatest = false, LastModified }: ListedVersion,
  isDeleteMarker: boolean,
): ObjectVersion => ({
  key: Key,
  versionId: VersionId,
  isLatest: IsLatest,
  isDeleteMarker,
  storedAtMs: LastModified?.getTime() ?? 0,
});

async function* listUploads(
  client: S3Client,
  Bucket: string,
  Prefix: string,
): AsyncGenerator<readonly UnfinishedUpload[]> {
  let page: Partial<ListMultipartUploadsCommandOutput> = {};
  do {
    const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
    page = await client.send(
      new ListMultipartUploadsCommand({
        ...{ Bucket, Prefix },
        ...(KeyMarker === undefined ? {} : { KeyMarker }),
        ...(UploadIdMarker === undefined ? {} : { UploadIdMarker }),
      }),
    );
    yield (page.Uploads ?? []).map(({ Key = '', UploadId = '' }) => ({ key: Key, uploadId: UploadId }));
  } while (page.IsTruncated === true);
}

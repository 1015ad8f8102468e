import {
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ObjectVersion, ObjectVersions, UnfinishedUpload } from '../../core/retention/ports.ts';
import { abortUpload } from './abort-upload.ts';
import { deleteObjects } from './delete-objects.ts';

/** All versions and unfinished uploads of one S3 bucket. Without versioning an object is its only version, `null`. */
export function s3ObjectVersions(client: S3Client, bucket: string): ObjectVersions {
  return {
    list: (prefix) => listVersions(client, bucket, prefix),
    unfinished: (prefix) => listUploads(client, bucket, prefix),
    remove: (versions) =>
      deleteObjects(
        client,
        bucket,
        versions.map(({ key: Key, versionId: VersionId }) => ({ Key, VersionId })),
      ),
    abort: ({ key: Key, uploadId: UploadId }) => abortUpload(client, { Bucket: bucket, Key, UploadId }),
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

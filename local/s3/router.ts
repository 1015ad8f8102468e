import type { S3Call } from './call.ts';
import { notImplemented, S3Error } from './errors.ts';
import { abortUpload } from './operations/abort-upload.ts';
import { getBucketLocation, headBucket } from './operations/bucket.ts';
import { completeUpload } from './operations/complete-upload.ts';
import { copyObject } from './operations/copy-object.ts';
import { createUpload } from './operations/create-upload.ts';
import { deleteObject } from './operations/delete-object.ts';
import { deleteObjects } from './operations/delete-objects.ts';
import { getObject } from './operations/get-object.ts';
import { listObjects } from './operations/list-objects.ts';
import { listParts } from './operations/list-parts.ts';
import { listUploads } from './operations/list-uploads.ts';
import { listVersions } from './operations/list-versions.ts';
import type { Operation } from './operations/operation.ts';
import { putObject } from './operations/put-object.ts';
import { uploadPart, uploadPartCopy } from './operations/upload-part.ts';

/** Parameters that make a call another operation, or change what it means, and that are not served. */
const UNSERVED = new Set([
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'session',
  'tagging',
  'torrent',
  'versionId',
  'versioning',
  'website',
]);

/** Chooses the operation that a call asks for; throws NotImplemented for one that this server lacks. */
export function chooseOperation(call: S3Call): Operation {
  const unserved = call.query.find(([name]) => UNSERVED.has(name));
  if (unserved !== undefined) throw notImplemented(`${call.method} with ?${unserved[0]}`);
  const operation = call.key === '' ? chooseForBucket(call) : chooseForObject(call);
  if (operation !== undefined) return operation;
  throw notImplemented(`${call.method} on ${call.key === '' ? 'a bucket' : 'an object'} in this form`);
}

function chooseForBucket(call: S3Call): Operation | undefined {
  const has = (name: string): boolean => call.parameter(name) !== undefined;
  switch (call.method) {
    case 'HEAD':
      return headBucket;
    case 'GET':
      if (has('location')) return getBucketLocation;
      if (has('uploads')) return listUploads;
      if (has('versions')) return listVersions;
      return call.parameter('list-type') === '2' ? listObjects : undefined;
    case 'POST':
      return has('delete') ? deleteObjects : undefined;
    default:
      return undefined;
  }
}

function chooseForObject(call: S3Call): Operation | undefined {
  const has = (name: string): boolean => call.parameter(name) !== undefined;
  const isCopy = call.header('x-amz-copy-source') !== undefined;
  switch (call.method) {
    case 'GET':
    case 'HEAD':
      if (has('partNumber')) return undefined;
      return has('uploadId') ? listParts : getObject;
    case 'PUT':
      if (has('uploadId')) return isCopy ? uploadPartCopy : uploadPart;
      return isCopy ? copyObject : putObject;
    case 'POST':
      if (has('uploads')) return createUpload;
      return has('uploadId') ? completeUpload : undefined;
    case 'DELETE':
      return has('uploadId') ? abortUpload : deleteObject;
    default:
      throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
        Method: call.method,
      });
  }
}

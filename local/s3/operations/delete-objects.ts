import { readChecksumClaim } from '../body/checksums.ts';
import { readXmlBody } from '../body/read-xml.ts';
import { notImplemented, S3Error } from '../errors.ts';
import { sendXml } from '../respond.ts';
import { renderXml, type XmlChild } from '../xml.ts';
import { childText, malformedXml } from '../xml-parse.ts';
import { ONLY_VERSION } from './list-versions.ts';
import type { Operation } from './operation.ts';

const MAX_KEYS = 1000;

export const deleteObjects: Operation = async (call, store) => {
  if (call.header('content-md5') === undefined && readChecksumClaim(call) === undefined) {
    throw new S3Error('InvalidRequest', 'Missing required header for this request: Content-MD5');
  }
  const document = await readXmlBody(call, 'Delete', 'body');
  const keys = document.children
    .filter(({ name }) => name === 'Object')
    .map((object) => {
      const key = childText(object, 'Key');
      if (key === undefined || key === '') throw malformedXml();
      const version = childText(object, 'VersionId') ?? ONLY_VERSION;
      if (version !== ONLY_VERSION) throw notImplemented(`VersionId ${version} in DeleteObjects`);
      return key;
    });
  if (keys.length === 0 || keys.length > MAX_KEYS) throw malformedXml();
  for (const key of keys) store.objects.delete(call.bucket, key, {});
  const isQuiet = childText(document, 'Quiet') === 'true';
  const deleted = keys.map((key): XmlChild => ['Deleted', [['Key', key]]]);
  sendXml(call.response, renderXml('DeleteResult', isQuiet ? [] : deleted));
};

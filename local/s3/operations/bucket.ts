import { sendEmpty, sendXml } from '../respond.ts';
import { renderXml } from '../xml.ts';
import type { Operation } from './operation.ts';

export const headBucket: Operation = (call) => {
  sendEmpty(call.response, 200, { 'x-amz-bucket-region': call.region });
};

/** Every bucket lies in the region that the caller signed for; S3 writes us-east-1 as nothing at all. */
export const getBucketLocation: Operation = (call) => {
  const region = call.region === 'us-east-1' ? '' : call.region;
  sendXml(call.response, renderXml('LocationConstraint', region));
};

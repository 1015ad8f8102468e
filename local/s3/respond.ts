import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { S3Error } from './errors.ts';
import { renderErrorXml } from './xml.ts';

export interface Addressed {
  readonly method: string;
  /** The path that was asked for. */
  readonly resource: string;
  readonly requestId: string;
  readonly response: ServerResponse;
}

export function sendEmpty(response: ServerResponse, status: number, headers: OutgoingHttpHeaders = {}): void {
  response.writeHead(status, headers).end();
}

export function sendXml(response: ServerResponse, xml: string, headers: OutgoingHttpHeaders = {}): void {
  const body = Buffer.from(xml);
  response
    .writeHead(200, { 'content-type': 'application/xml', 'content-length': body.length, ...headers })
    .end(body);
}

/** Sends S3's error document; a HEAD and a 304 have no body, so there the status is all that is told. */
export function sendError(to: Addressed, error: S3Error): void {
  if (to.method === 'HEAD' || error.status === 304) {
    sendEmpty(to.response, error.status);
    return;
  }
  const xml = renderErrorXml([
    ['Code', error.code],
    ['Message', error.message],
    ...Object.entries(error.details),
    ['Resource', to.resource],
    ['RequestId', to.requestId],
  ]);
  const body = Buffer.from(xml);
  to.response
    .writeHead(error.status, { 'content-type': 'application/xml', 'content-length': body.length })
    .end(body);
}

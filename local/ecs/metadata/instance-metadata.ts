import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen } from '../../aws-json/listen.ts';
import type { Clock } from '../../step-functions/clock.ts';

export interface InstanceFacts {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly availabilityZone: string;
  readonly region: string;
  readonly purchase: 'spot' | 'on-demand';
}

export interface InstanceMetadata {
  readonly url: string;
  /** Shows the interruption notice: the instance is terminated at that instant. */
  announceTermination(atMs: number): void;
  recommendRebalance(atMs: number): void;
  close(): Promise<void>;
}

/** Six hours, the longest life of an IMDSv2 token. */
const LONGEST_TOKEN_SECONDS = 21_600;

/**
 * The instance metadata service of one instance, IMDSv2 only, on a port of its own (SDKs drop a base path).
 * Source: EC2 user guide, "Use the Instance Metadata Service" and "Spot Instance interruption notices".
 */
export async function startInstanceMetadata(facts: InstanceFacts, clock: Clock): Promise<InstanceMetadata> {
  const pages = new Map(fixedPages(facts));
  const tokens = new Map<string, number>();
  const listener = await listen((request, response) => {
    if (request.method === 'PUT' && request.url === '/latest/api/token') {
      issueToken(request, response, (token, seconds) => tokens.set(token, clock.nowMs() + seconds * 1000));
      return;
    }
    if (request.method !== 'GET') return end(response, 405, '');
    const token = String(request.headers['x-aws-ec2-metadata-token'] ?? '');
    if ((tokens.get(token) ?? 0) <= clock.nowMs()) return end(response, 401, '');
    const page = pages.get((request.url ?? '').replace(/\/$/, ''));
    end(response, page === undefined ? 404 : 200, page ?? '');
  });
  return {
    url: listener.url,
    announceTermination: (atMs) => {
      const notice = { action: 'terminate', time: isoSeconds(atMs) };
      pages.set('/latest/meta-data/spot/instance-action', JSON.stringify(notice));
      pages.set('/latest/meta-data/spot/termination-time', isoSeconds(atMs));
    },
    recommendRebalance: (atMs) => {
      const notice = { noticeTime: isoSeconds(atMs) };
      pages.set('/latest/meta-data/events/recommendations/rebalance', JSON.stringify(notice));
    },
    close: () => listener.close(),
  };
}

function fixedPages(facts: InstanceFacts): [string, string][] {
  const { instanceId, instanceType, availabilityZone, region } = facts;
  const identity = { instanceId, instanceType, availabilityZone, region };
  return [
    ['/latest/meta-data/instance-id', instanceId],
    ['/latest/meta-data/instance-type', instanceType],
    ['/latest/meta-data/instance-life-cycle', facts.purchase],
    ['/latest/meta-data/placement/availability-zone', availabilityZone],
    ['/latest/meta-data/placement/region', region],
    ['/latest/dynamic/instance-identity/document', JSON.stringify(identity)],
  ];
}

function issueToken(
  request: IncomingMessage,
  response: ServerResponse,
  keep: (token: string, seconds: number) => void,
): void {
  const header = request.headers['x-aws-ec2-metadata-token-ttl-seconds'];
  const seconds = Number(header);
  if (header === undefined || !Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST_TOKEN_SECONDS) {
    end(response, 400, '');
    return;
  }
  const token = randomBytes(32).toString('base64url');
  keep(token, seconds);
  response.setHeader('x-aws-ec2-metadata-token-ttl-seconds', String(seconds));
  end(response, 200, token);
}

function end(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(body);
}

function isoSeconds(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

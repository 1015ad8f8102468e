import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Account {
  readonly outputs: Readonly<Record<string, string>> | null;
  /** By code; of those that are not here AWS's default, 0. */
  readonly quotas: Readonly<Record<string, number>>;
  readonly bootstrapVersion: string | null;
  /** vCPUs by instance type. */
  readonly instanceTypes: Readonly<Record<string, number>>;
  /** What AWS's clock is ahead of this machine's. */
  readonly skewMs: number;
  /** Of the hub's models: read only with a token, though everybody sees the commit. */
  readonly gated: boolean;
  /** A call that is refused, with the error's code. */
  readonly refused: Readonly<Record<string, string>>;
}

export const WHOLE: Account = {
  outputs: null,
  quotas: { 'L-3819A6DF': 96, 'L-DB2E81BA': 32 },
  bootstrapVersion: '30',
  instanceTypes: { 'g6.xlarge': 4, 'g5.xlarge': 4, 'g6.2xlarge': 8, 'g5.2xlarge': 8 },
  skewMs: 0,
  gated: false,
  refused: {},
};

/** STS, EC2, CloudFormation, Service Quotas, SSM and the hub of models, as far as the doctor asks them. */
export async function fakeAws(account: Account) {
  const server = createServer((request, response) => void answer(account, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => server.close() };
}

async function answer(account: Account, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { status = 200, text } = answerTo(account, request, Buffer.concat(chunks).toString());
  response.writeHead(status, { date: new Date(Date.now() + account.skewMs).toUTCString() });
  response.end(text);
}

interface Answer {
  readonly status?: number;
  readonly text: string;
}

function answerTo(account: Account, { headers, url = '' }: IncomingMessage, body: string): Answer {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return json(account, target.split('.')[1] ?? '', JSON.parse(body));
  const action = new URLSearchParams(body).get('Action');
  if (action !== null) return xml(account, action);
  if (url.startsWith('/absent')) return { status: 404, text: '' };
  if (!url.startsWith('/api/models/')) return { text: '' };
  return { text: JSON.stringify({ sha: 'c'.repeat(40), gated: account.gated && 'manual' }) };
}

function json(account: Account, name: string, input: Readonly<Record<string, string>>): Answer {
  const refuse = (type: string): Answer => ({
    status: 400,
    text: JSON.stringify({ __type: type, message: `${name} is refused` }),
  });
  const quota = account.quotas[input['QuotaCode'] ?? ''];
  const { bootstrapVersion } = account;
  const code = account.refused[name];
  if (code !== undefined) return refuse(code);
  switch (name) {
    case 'GetParameter':
      if (bootstrapVersion === null) return refuse('ParameterNotFound');
      return { text: JSON.stringify({ Parameter: { Value: bootstrapVersion } }) };
    case 'GetServiceQuota':
      if (quota === undefined) return refuse('NoSuchResourceException');
      return { text: JSON.stringify({ Quota: { Value: quota } }) };
    case 'GetAWSDefaultServiceQuota':
      return { text: JSON.stringify({ Quota: { Value: 0 } }) };
    default:
      return refuse('UnknownOperationException');
  }
}

function xml(account: Account, action: string): Answer {
  const code = account.refused[action];
  if (code !== undefined) return refuseXml(code, `${action} is refused`);
  const types = Object.entries(account.instanceTypes);
  switch (action) {
    case 'GetCallerIdentity':
      return result(action, '<Arn>arn:aws:iam::111122223333:user/ada</Arn><Account>111122223333</Account>');
    case 'DescribeStacks':
      return account.outputs === null
        ? refuseXml('ValidationError', 'There is no such stack')
        : result(action, stackOf(account.outputs));
    case 'DescribeInstanceTypeOfferings': {
      const items = types.map(
        ([type]) => `<item><instanceType>${type}</instanceType><location>eu-west-1a</location></item>`,
      );
      return response(action, `<instanceTypeOfferingSet>${items.join('')}</instanceTypeOfferingSet>`);
    }
    case 'DescribeInstanceTypes': {
      const items = types.map(
        ([type, vcpus]) =>
          `<item><instanceType>${type}</instanceType><vCpuInfo><defaultVCpus>${vcpus}</defaultVCpus></vCpuInfo></item>`,
      );
      return response(action, `<instanceTypeSet>${items.join('')}</instanceTypeSet>`);
    }
    default:
      return refuseXml('InvalidAction', action);
  }
}

function stackOf(outputs: Readonly<Record<string, string>>): string {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return `<Stacks><member><Outputs>${members.join('')}</Outputs></member></Stacks>`;
}

const response = (action: string, text: string): Answer => ({
  text: `<${action}Response>${text}</${action}Response>`,
});

const result = (action: string, text: string): Answer =>
  response(action, `<${action}Result>${text}</${action}Result>`);

/** EC2 has another element around a code than the others do. */
function refuseXml(code: string, message: string): Answer {
  const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status: 400, text: `<ErrorResponse><Errors>${error}</Errors>${error}</ErrorResponse>` };
}

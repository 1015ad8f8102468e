import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { afterEach, expect, it, vi } from 'vitest';
import { type Events, startEvents } from '../../../local/events/server.ts';
import { holdClock } from './held-clock.ts';

const START_MS = Date.UTC(2026, 0, 1);
const QUEUE = 'arn:aws:sqs:eu-west-1:123456789012:Signals';
const ROLE = 'arn:aws:iam::123456789012:role/Start';

const resource = (type: string, properties: Record<string, unknown>, logicalId = 'Thing') => ({
  stack: 'Test',
  logicalId,
  type,
  properties,
  physicalId: logicalId,
});
const rule = (properties: Record<string, unknown>, logicalId?: string) =>
  resource('AWS::Events::Rule', { Targets: [{ Arn: QUEUE }], ...properties }, logicalId);

interface Setup {
  readonly rules?: readonly ReturnType<typeof rule>[];
  readonly schedules?: readonly ReturnType<typeof resource>[];
  readonly failing?: string;
}

let events: Events | undefined;

afterEach(async () => {
  await events?.close();
  events = undefined;
});

async function start({ rules = [], schedules = [], failing }: Setup) {
  const clock = holdClock(START_MS);
  const delivered: { target: string; payload: unknown; role: string | undefined }[] = [];
  const troubles: string[] = [];
  const started = await startEvents({
    ...{ rules, schedules, clock, region: 'eu-west-1', accountId: '123456789012' },
    async deliver(target, payload, role) {
      if (target === failing) throw new Error('no such target');
      delivered.push({ target, payload, role });
    },
    onTrouble: (message) => troubles.push(message),
  });
  events = started;
  const client = new EventBridgeClient({
    endpoint: started.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
  const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));
  return { clock, delivered, troubles, put, emit: started.emit };
}

const ENTRY = { Source: 'app', DetailType: 'Batch Ended', Detail: '{"id":"b1","count":2}' };

it('puts an event from the SDK through its rule to the target', async () => {
  const { put, delivered } = await start({
    rules: [rule({ EventPattern: { source: ['app'], detail: { id: ['b1'] } } })],
  });
  const answer = await put(
    { ...ENTRY, Resources: ['arn:r'], Time: new Date(START_MS + 5_000) },
    { ...ENTRY, Detail: '{}' },
  );
  expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }, {}] });
  expect(delivered).toEqual([
    {
      target: QUEUE,
      role: undefined,
      payload: {
        version: '0',
        id: answer.Entries?.[0]?.EventId,
        'detail-type': 'Batch Ended',
        source: 'app',
        account: '123456789012',
        time: '2026-01-01T00:00:05Z',
        region: 'eu-west-1',
        resources: ['arn:r'],
        detail: { id: 'b1', count: 2 },
      },
    },
  ]);
});

it('fails a bad entry alone', async () => {
  const { put, delivered } = await start({ rules: [rule({ EventPattern: { source: ['app'] } })] });
  const answer = await put(
    { ...ENTRY, Detail: 'text' },
    { ...ENTRY, Source: 'aws.ecs' },
    { Source: 'app' },
    ENTRY,
  );
  expect(answer.FailedEntryCount).toBe(3);
  expect(answer.Entries?.map((entry) => entry.ErrorCode)).toEqual([
    'MalformedDetail',
    'NotAuthorizedForSourceException',
    'InvalidArgument',
    undefined,
  ]);
  expect(delivered).toHaveLength(1);
});

it('refuses more than ten entries, and more than 1 MiB', async () => {
  const { put } = await start({});
  await expect(put(...Array.from({ length: 11 }, () => ENTRY))).rejects.toMatchObject({
    name: 'ValidationException',
  });
  const half = { ...ENTRY, Detail: JSON.stringify({ text: 'x'.repeat(530_000) }) };
  expect((await put(half)).FailedEntryCount).toBe(0);
  await expect(put(half, half)).rejects.toThrow(/over the limit/);
});

it('keeps the buses apart', async () => {
  const { put, emit, delivered } = await start({
    rules: [rule({ EventBusName: 'own', EventPattern: { source: ['app'] } })],
  });
  await put(ENTRY);
  emit({ source: 'app', detailType: 'x', detail: {}, resources: [] });
  expect(delivered).toEqual([]);
  await put({ ...ENTRY, EventBusName: 'arn:aws:events:eu-west-1:123456789012:event-bus/own' });
  expect(delivered).toHaveLength(1);
});

it('gives each target its own input, and the role', async () => {
  const Targets = [
    { Arn: 'fixed', Input: '{"a":1}', RoleArn: ROLE },
    { Arn: 'path', InputPath: '$.detail.tasks[1]' },
    {
      Arn: 'transformed',
      InputTransformer: {
        InputPathsMap: { id: '$.detail.id', all: '$.detail', none: '$.detail.none' },
        InputTemplate:
          '{"id": <id>, "text": "of <id>, <all><none>", "all": <all>, "rule": <aws.events.rule-name>, "q": "\\"<"}',
      },
    },
  ];
  const { emit, delivered } = await start({
    rules: [rule({ EventPattern: { source: ['aws.ecs'] }, Targets })],
  });
  const detail = { id: 'say "hi"', tasks: ['t0', 't1'] };
  emit({ source: 'aws.ecs', detailType: 'x', detail, resources: [] });
  expect(delivered).toEqual([
    { target: 'fixed', payload: { a: 1 }, role: ROLE },
    { target: 'path', payload: 't1', role: undefined },
    {
      target: 'transformed',
      payload: {
        id: detail.id,
        text: `of ${detail.id}, ${JSON.stringify(detail)}`,
        all: detail,
        rule: 'Thing',
        q: '"<',
      },
      role: undefined,
    },
  ]);
});

it('tells of a target that fails, and gives the event to the others', async () => {
  const { emit, delivered, troubles } = await start({
    rules: [rule({ EventPattern: { source: ['aws.ecs'] }, Targets: [{ Arn: 'bad' }, { Arn: 'good' }] })],
    failing: 'bad',
  });
  emit({ source: 'aws.ecs', detailType: 'x', detail: {}, resources: [] });
  await vi.waitUntil(() => troubles.length === 1);
  expect(troubles).toEqual(['bad: no such target']);
  expect(delivered.map(({ target }) => target)).toEqual(['good']);
});

it('fires a rule at its rate on the injected clock, until it is closed', async () => {
  const { clock, delivered } = await start({
    rules: [
      rule({ ScheduleExpression: 'rate(5 minutes)' }),
      rule({ ScheduleExpression: 'rate(1 minute)', State: 'DISABLED' }),
    ],
  });
  clock.advance(299_999);
  expect(delivered).toEqual([]);
  clock.advance(1);
  expect(delivered[0]?.payload).toMatchObject({
    source: 'aws.events',
    'detail-type': 'Scheduled Event',
    time: '2026-01-01T00:05:00Z',
    resources: ['arn:aws:events:eu-west-1:123456789012:rule/Thing'],
    detail: {},
  });
  clock.advance(900_000);
  expect(delivered).toHaveLength(4);
  await events?.close();
  clock.advance(900_000);
  expect(delivered).toHaveLength(4);
});

it('fires a schedule of the scheduler with its input and role', async () => {
  const Target = { Arn: QUEUE, RoleArn: ROLE, Input: '{"sweep":true}' };
  const { clock, delivered } = await start({
    schedules: [resource('AWS::Scheduler::Schedule', { ScheduleExpression: 'cron(30 0 * * ? *)', Target })],
  });
  clock.advance(86_400_000);
  expect(delivered).toEqual([{ target: QUEUE, payload: { sweep: true }, role: ROLE }]);
});

it.each([
  [
    { EventPattern: { source: [{ wildcard: '*' }] } },
    /Test\.Thing \(AWS::Events::Rule\): EventPattern\.source/,
  ],
  [{ ScheduleExpression: 'rate(soon)' }, /Test\.Thing \(AWS::Events::Rule\): rate\(soon\)/],
])('refuses at its start, by name, a rule with %j', async (properties, message) => {
  await expect(start({ rules: [rule(properties)] })).rejects.toThrow(message);
});

it('refuses a time zone other than UTC', async () => {
  const properties = {
    ScheduleExpression: 'rate(1 day)',
    ScheduleExpressionTimezone: 'Europe/Rome',
    Target: { Arn: QUEUE },
  };
  const schedules = [resource('AWS::Scheduler::Schedule', properties)];
  await expect(start({ schedules })).rejects.toThrow(/UTC only/);
});

it('ends when what is on its way has arrived, and drops what comes later', async () => {
  const held = Promise.withResolvers<void>();
  const delivered: string[] = [];
  const { url, emit, close } = await startEvents({
    rules: [rule({ EventPattern: { source: ['aws.ecs'] } })],
    schedules: [],
    ...{ region: 'eu-west-1', accountId: '123456789012', clock: holdClock(START_MS) },
    async deliver(target) {
      await held.promise;
      delivered.push(target);
    },
  });
  const event = { source: 'aws.ecs', detailType: 'x', detail: {}, resources: [] };
  emit(event);
  const ended = close().then(() => delivered.length);
  emit(event);
  await vi.waitUntil(() =>
    fetch(url).then(
      () => false,
      () => true,
    ),
  );
  held.resolve();
  expect(await ended).toBe(1);
  emit(event);
  await Promise.resolve();
  expect(delivered).toEqual([QUEUE]);
});

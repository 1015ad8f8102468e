import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bootTimeMs } from '../../../adapters/instance/boot-time.ts';
import { readTask } from '../../../adapters/instance/task.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slackline-instance-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('reads when the machine booted', async () => {
  const file = join(folder, 'stat');
  writeFileSync(file, 'cpu  10 20 30\nintr 5\nbtime 1795000000\nprocesses 7\n');
  expect(await bootTimeMs(file)).toBe(1_795_000_000_000);
});

it('does not know when a machine without /proc booted', async () => {
  expect(await bootTimeMs(join(folder, 'absent'))).toBeNull();
});

async function taskOf(page: object) {
  const server = createServer((_request, answer) => answer.end(JSON.stringify(page)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return readTask(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v4/1`).finally(() =>
    server.close(),
  );
}

it('reads its Task’s ARN and the pull of its image, to the nanosecond as ECS says it', async () => {
  const page = {
    TaskARN: 'arn:task',
    PullStartedAt: '2026-11-21T10:00:06.202617438Z',
    PullStoppedAt: '2026-11-21T10:04:06.31288465Z',
  };
  expect(await taskOf(page)).toEqual({
    arn: 'arn:task',
    pullStartedAtMs: Date.UTC(2026, 10, 21, 10, 0, 6, 202),
    pullStoppedAtMs: Date.UTC(2026, 10, 21, 10, 4, 6, 312),
  });
});

it('takes a Task whose pull is not known, and none without an ARN', async () => {
  expect(await taskOf({ TaskARN: 'arn:task' })).toMatchObject({
    pullStartedAtMs: null,
    pullStoppedAtMs: null,
  });
  await expect(taskOf({})).rejects.toThrow('names no TaskARN');
});

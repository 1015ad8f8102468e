import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { choosePorts } from '../../../local/stack/ports.ts';

let dataDirectory: string;

beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'ports-'));
});
afterEach(() => rmSync(dataDirectory, { recursive: true }));

async function occupy(port = 0) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, free: () => once(server.close(), 'close') };
}

it('gives each service a port of its own, and the same ones at the next start', async () => {
  const first = await choosePorts({ dataDirectory });
  expect(new Set(Object.values(first)).size).toBe(9);
  expect(await choosePorts({ dataDirectory })).toEqual(first);
});

it('takes another port where that of the last start is taken by now', async () => {
  const first = await choosePorts({ dataDirectory });
  const occupied = await occupy(first.s3);
  const second = await choosePorts({ dataDirectory });
  await occupied.free();
  expect(second.s3).not.toBe(first.s3);
  expect(second.dynamodb).toBe(first.dynamodb);
});

it('refuses a required port that is taken, and passes over a preferred one', async () => {
  const { port, free } = await occupy();
  await expect(choosePorts({ dataDirectory, required: { gateway: port } })).rejects.toThrow(
    `Port ${port} for gateway is taken`,
  );
  expect((await choosePorts({ dataDirectory, preferred: { gateway: port } })).gateway).not.toBe(port);
  await free();
});

it('prefers the port of the last start to a preferred one, and a required one to both', async () => {
  const [preferred, required] = [await occupy(), await occupy()];
  await Promise.all([preferred.free(), required.free()]);
  const { gateway } = await choosePorts({ dataDirectory });
  const again = await choosePorts({ dataDirectory, preferred: { gateway: preferred.port } });
  expect(again.gateway).toBe(gateway);
  const told = await choosePorts({ dataDirectory, required: { gateway: required.port } });
  expect(told.gateway).toBe(required.port);
});

it('says which file is damaged', async () => {
  writeFileSync(join(dataDirectory, 'ports.json'), '{"s3":');
  await expect(choosePorts({ dataDirectory })).rejects.toThrow(/ports\.json is damaged/);
});

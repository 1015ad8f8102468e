import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { silentServers } from '../../../local/main/silent-servers.ts';
import { sampleFleet } from '../../fakes/fleet.ts';

it('names the Fleets whose server is not there, and no others', async () => {
  const server = createServer((_request, response) => response.writeHead(401).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const fleets = [
    sampleFleet({ id: 'there', engine: { kind: 'openai-compatible', baseUrl } }),
    sampleFleet({ id: 'simulated' }),
  ];
  expect(await silentServers(fleets)).toEqual(new Set());
  server.closeAllConnections();
  await once(server.close(), 'close');
  expect(await silentServers(fleets)).toEqual(new Set(['there']));
});

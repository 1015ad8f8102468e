import { appendFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { faultsFrom } from './engines/simulated/faults.ts';
import { simulatedServer } from './engines/simulated/server.ts';
import { simulatedSettingsSchema } from './engines/simulated/settings.ts';

// The program behind the engine kind `simulated`. It ends with whoever holds the other end of its stdin.
process.stdin
  .on('error', () => process.exit(0))
  .on('end', () => process.exit(0))
  .resume();

const { SIMULATED_ENGINE, SIMULATED_ENGINE_FAULTS, SIMULATED_ENGINE_LOG, SIMULATED_ENGINE_EVENTS } =
  process.env;
if (SIMULATED_ENGINE === undefined) throw new Error('SIMULATED_ENGINE must hold the settings as JSON.');
const settings = simulatedSettingsSchema.parse(JSON.parse(SIMULATED_ENGINE));

/** One write a line, so that engines which share the file do not mix their lines. */
function note(body: string): void {
  if (SIMULATED_ENGINE_LOG !== undefined)
    appendFileSync(SIMULATED_ENGINE_LOG, `${body.replace(/[\r\n]/g, ' ')}\n`);
}

/** Who was sent and answered what, and when: JSON lines, wall clock. */
function noteEvent(event: 'sent' | 'answered', body: string): void {
  if (SIMULATED_ENGINE_EVENTS === undefined) return;
  const line = JSON.stringify({ event, atMs: Date.now(), pid: process.pid, body });
  appendFileSync(SIMULATED_ENGINE_EVENTS, `${line}\n`);
}

const { server, abortAll } = simulatedServer({
  settings,
  faultFor: faultsFrom(SIMULATED_ENGINE_FAULTS),
  onRequest(body) {
    note(body);
    noteEvent('sent', body);
  },
  onAnswer: (body) => noteEvent('answered', body),
  die: () => process.kill(process.pid, 'SIGKILL'),
});

/** What was answered with `abort` must still leave. */
const FAREWELL_MS = 50;
process.once('SIGTERM', async () => {
  server.close();
  abortAll();
  await delay(FAREWELL_MS);
  process.exit(0);
});

await delay(settings.startMs);
const { listen } = settings;
if ('socketPath' in listen) server.listen(listen.socketPath);
else {
  server.listen(listen.port, '127.0.0.1', () => {
    process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
  });
}

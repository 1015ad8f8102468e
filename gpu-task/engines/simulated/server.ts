import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { planAnswer } from './answers.ts';
import type { Fault } from './faults.ts';
import { metricsText, newCounters } from './metrics.ts';
import type { PlannedAnswer } from './planned-answer.ts';
import type { SimulatedSettings } from './settings.ts';
import { tokenClock } from './token-clock.ts';

export interface SimulatedServerOptions {
  readonly settings: SimulatedSettings;
  readonly faultFor: (body: string) => Fault | null;
  /** Gets every body that was sent, before anything is done with it. */
  readonly onRequest: (body: string) => void;
  /** Gets the body of every Request whose answer was written, whatever became of it. @default - nothing is told */
  readonly onAnswer?: (body: string) => void;
  readonly die: () => void;
}

export interface SimulatedServer {
  readonly server: Server;
  /** Answers what runs with `abort`, as vLLM does when it is told to end. */
  abortAll(): void;
}

/** An HTTP server with the part of vLLM's surface that an agent uses. */
export function simulatedServer(options: SimulatedServerOptions): SimulatedServer {
  const { settings } = options;
  const clock = tokenClock(settings);
  const counters = newCounters();
  const ending = new AbortController();

  async function infer(path: string, raw: string, answer: ServerResponse): Promise<void> {
    options.onRequest(raw);
    const fault = options.faultFor(raw);
    if (fault?.kind === 'die') return options.die();
    if (fault?.kind === 'stall') return;
    if (fault?.kind === 'status') return refuseAsTold(answer, fault);
    const planned = plan(settings, path, raw);
    if ('status' in planned) return sendError(answer, planned.status, planned.message);
    const gone = new AbortController();
    answer.on('close', () => gone.abort());
    const stopped = AbortSignal.any([gone.signal, ending.signal]);
    if (settings.firstTokenMs > 0)
      await delay(settings.firstTokenMs, null, { signal: stopped }).catch(() => undefined);
    if (!stopped.aborted) await clock.run(planned.inputTokens + planned.outputTokens, stopped);
    if (gone.signal.aborted) return;
    const reason = ending.signal.aborted ? 'abort' : fault?.kind === 'finish' ? fault.reason : planned.finish;
    counters.promptTokens += planned.inputTokens;
    counters.generationTokens += planned.outputTokens;
    counters.finished.set(String(reason), (counters.finished.get(String(reason)) ?? 0) + 1);
    sendJson(answer, 200, planned.body(reason));
    options.onAnswer?.(raw);
  }

  async function handle(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method, url: path = '' } = request;
    if (method === 'POST') return infer(path, await readText(request), answer);
    if (path === '/health') return void answer.end();
    if (path === '/v1/models') return sendJson(answer, 200, modelList(settings.model));
    if (path !== '/metrics') return sendError(answer, 404, `There is nothing at ${path}.`);
    answer.setHeader('content-type', 'text/plain; version=0.0.4');
    answer.end(metricsText(settings.model, counters, clock.load(), settings.maxRunning));
  }

  const server = createServer((request, answer) => {
    handle(request, answer).catch((error: unknown) => sendError(answer, 500, String(error)));
  });
  return { server, abortAll: () => ending.abort() };
}

type Refusal = { readonly status: number; readonly message: string };

function plan(settings: SimulatedSettings, path: string, raw: string): PlannedAnswer | Refusal {
  const request = parsed(raw);
  if (request === null) return { status: 400, message: 'The body is not a JSON object.' };
  const { model, adapters = [] } = settings;
  if (![model, ...adapters].some((name) => name === request['model'])) {
    return { status: 404, message: `The model \`${String(request['model'])}\` does not exist.` };
  }
  const planned = planAnswer(path, request);
  if (planned === null) return { status: 404, message: `There is nothing at ${path}.` };
  const { contextTokens = Number.POSITIVE_INFINITY } = settings;
  const longestTokens = planned.longestTokens ?? planned.inputTokens;
  if (longestTokens < contextTokens) return planned;
  const message = `This model's maximum context length is ${contextTokens} tokens; the prompt has ${longestTokens}.`;
  return { status: 400, message };
}

function parsed(raw: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function refuseAsTold(answer: ServerResponse, fault: Extract<Fault, { readonly kind: 'status' }>): void {
  if (fault.retryAfterSeconds !== undefined) answer.setHeader('retry-after', fault.retryAfterSeconds);
  sendError(answer, fault.status, `Injected answer ${fault.status}.`);
}

function sendError(answer: ServerResponse, status: number, message: string): void {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  sendJson(answer, status, { error: { message, type, param: null, code: status } });
}

function sendJson(answer: ServerResponse, status: number, body: unknown): void {
  answer.writeHead(status, { 'content-type': 'application/json' });
  answer.end(JSON.stringify(body));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const modelList = (model: string) => ({
  object: 'list',
  data: [{ id: model, object: 'model', created: 0, owned_by: 'slackline' }],
});

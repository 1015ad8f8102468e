import { afterAll, beforeAll, expect, it } from 'vitest';
import { httpEngine } from '../../adapters/engine/http-client.ts';
import type { EngineClient } from '../../core/agent/ports.ts';
import { usageOf } from '../../core/agent/usage.ts';
import { parseJson, verdictOf } from '../../core/agent/verdict.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import type { EngineAddress, RunningEngine } from '../../gpu-task/engines/engine.ts';
import { planAnswer } from '../../gpu-task/engines/simulated/answers.ts';
import { vllmEngine } from '../../gpu-task/engines/vllm.ts';
import { cpuEngine } from './cpu-engine.ts';

const connect = (address: EngineAddress) => httpEngine({ ...address, connections: 4 });
let running: RunningEngine;
let client: EngineClient;
beforeAll(async () => {
  const config = cpuEngine({ args: ['--runner', 'pooling', '--convert', 'embed'] });
  const endpoints = ['/v1/rerank', '/v1/score'];
  const common = { model: 'tiny', endpoints, env: process.env, time: systemTime, connect };
  running = await vllmEngine({ ...common, config, onLine: () => undefined }).start();
  client = connect(running.address);
});
afterAll(async () => {
  await running?.stop();
  await client?.close();
});

const send = (path: string, body: object) =>
  client.send(path, Buffer.from(JSON.stringify(body)), new AbortController().signal);

/** Names and types, of lists the first item's. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [shapeOf(value[0])];
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shapeOf(each)]));
}

const documents = ['two', 'three', 'one'];
it.each([
  ['/v1/rerank', { query: 'one', documents, top_n: 2 }],
  ['/v1/score', { queries: 'one', documents }],
  ['/v1/score', { queries: ['one', 'two'], items: ['two', 'three'] }],
  ['/v1/score', { text_1: 'one', text_2: 'two' }],
  ['/v1/score', { data_1: ['one', 'two'], data_2: ['two', 'three'] }],
  ['/v1/embeddings', { input: documents }],
])('answers %s with %j as the simulated engine does', async (path, fields) => {
  const request = { model: 'tiny', ...fields };
  const answer = await send(path, request);
  const body = parseJson(answer.body);
  expect(verdictOf(path, answer).kind).toBe('completed');
  expect(usageOf(body).inputTokens).toBeGreaterThan(0);
  const simulated = planAnswer(path, request)?.body('stop');
  expect(shapeOf(body)).toMatchObject(shapeOf(simulated) as object);
});

it.each([
  ['/v1/rerank', { query: 'one' }],
  ['/v1/score', { text_1: ['one', 'two'], text_2: documents }],
])('refuses for good %s with %j', async (path, fields) => {
  expect(verdictOf(path, await send(path, { model: 'tiny', ...fields })).kind).toBe('failed');
});

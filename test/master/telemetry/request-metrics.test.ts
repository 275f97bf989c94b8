import { get, type IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { failureCounter, measureRequests, registerRequestMetrics } from '../../../master/telemetry/request-metrics.ts';
import { fault } from '../../../src/errors.ts';
import { createServer, type Server } from '../../../src/http/server.ts';
import { silentLogger } from '../../../src/logger.ts';

let registry: Registry;
let app: Server;
let url: string;
const stream = new PassThrough();

beforeEach(async () => {
  registry = new Registry();
  registerRequestMetrics(registry);
  app = createServer({ logger: silentLogger, onFailure: failureCounter(registry) });
  measureRequests(app, registry);
  app.get('/things/:id', async () => ({ text: 'a thing' }));
  app.get('/crowded', async () => {
    throw fault('overloaded', { reason: 'a test' });
  });
  app.get('/stream', (_request, reply) => reply.send(stream));
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(() => app.close());

it('requests are counted by route and status, whatever ids they name', async () => {
  for (const path of ['things/a', 'things/b', 'nothing']) await (await fetch(`${url}/${path}`)).text();
  await app.close();
  const text = await registry.metrics();
  expect(text).toContain('cluster_insight_request_seconds_count{route="/things/:id",status="200"} 2');
  expect(text).toContain('cluster_insight_request_seconds_count{route="none",status="404"} 1');
  const [, bytes] = /response_bytes_total\{route="\/things\/:id"\} (\d+)/.exec(text) ?? [];
  expect(Number(bytes)).toBeGreaterThan(2 * '{"text":"a thing"}'.length);
});

it('failures are counted by their code, those worth an alert from the beginning', async () => {
  expect(await registry.metrics()).toContain('cluster_insight_failures_total{code="overloaded"} 0');
  for (const path of ['crowded', 'crowded', 'nothing']) await (await fetch(`${url}/${path}`)).text();
  const text = await registry.metrics();
  expect(text).toContain('cluster_insight_failures_total{code="overloaded"} 2');
  expect(text).toContain('cluster_insight_failures_total{code="not_found"} 1');
});

it('an answer that broke off is no request that was answered, and its bytes count', async () => {
  stream.write('the beginning');
  const answer = await new Promise<IncomingMessage>((resolve) => get(`${url}/stream`, resolve));
  answer.on('error', () => undefined).destroy();
  await expect.poll(() => registry.metrics()).toContain('cluster_insight_broken_off_answers_total{route="/stream"} 1');
  const text = await registry.metrics();
  expect(text).not.toContain('route="/stream",status');
  expect(text).toMatch(/response_bytes_total\{route="\/stream"\} [1-9]/);
});

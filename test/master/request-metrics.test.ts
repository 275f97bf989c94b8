import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { measureRequests, registerRequestMetrics } from '../../master/request-metrics.ts';
import { silentLogger } from '../../src/logger.ts';
import { createServer } from '../../src/server.ts';

it('requests are counted by route and status, whatever ids they name', async () => {
  const registry = new Registry();
  registerRequestMetrics(registry);
  const app = createServer({ logger: silentLogger });
  measureRequests(app, registry);
  app.get('/things/:id', async () => ({ text: 'a thing' }));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  for (const path of ['things/a', 'things/b', 'nothing']) {
    await (await fetch(`${url}/${path}`)).text();
  }
  await app.close();
  const text = await registry.metrics();
  expect(text).toContain('cluster_insight_request_seconds_count{route="/things/:id",status="200"} 2');
  expect(text).toContain('cluster_insight_request_seconds_count{route="none",status="404"} 1');
  const [, bytes] = /response_bytes_total\{route="\/things\/:id"\} (\d+)/.exec(text) ?? [];
  expect(Number(bytes)).toBeGreaterThan(2 * '{"text":"a thing"}'.length);
});

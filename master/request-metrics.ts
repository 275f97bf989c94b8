// How long requests take, by route as it is written in code, so that ids in URLs make no new rows.
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Server } from '../src/server.ts';

/** From what a 304 takes to what a slow reader of a whole graph takes, in seconds. */
const buckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];

const duration = 'cluster_insight_request_seconds';
const bytes = 'cluster_insight_response_bytes_total';

export function registerRequestMetrics(registry: Registry): void {
  const registers = [registry];
  new Histogram({
    name: duration,
    help: 'Requests by route and status, from their first byte to the last of their answer',
    labelNames: ['route', 'status'],
    buckets,
    registers,
  });
  new Counter({ name: bytes, help: 'Bytes of answers by route, headers included', labelNames: ['route'], registers });
}

/** To be called before routes are added, with a registry that has them registered. */
export function measureRequests(app: Server, registry: Registry): void {
  const took = registry.getSingleMetric(duration) as Histogram<'route' | 'status'>;
  const sent = registry.getSingleMetric(bytes) as Counter<'route'>;
  const before = new WeakMap<object, number>();
  app.addHook('onRequest', async ({ raw }) => {
    before.set(raw, raw.socket.bytesWritten ?? 0);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    took.observe({ route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
    sent.inc({ route }, Math.max(0, (request.raw.socket.bytesWritten ?? 0) - (before.get(request.raw) ?? 0)));
  });
}

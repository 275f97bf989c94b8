// How long requests take and how they fail, by route as it is written in code, so that ids in URLs make no new rows.
import { Counter, Histogram, type Registry } from 'prom-client';
import type { ErrorCode, Fault } from '../../src/errors.ts';
import { whenAnswered } from '../../src/http/answered.ts';
import type { Server } from '../../src/http/server.ts';
import { shownCounter } from './shown-counter.ts';

/** In seconds: from a 304 to a slow reader of a whole graph. */
const buckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];

const duration = 'cluster_insight_request_seconds';
const bytes = 'cluster_insight_response_bytes_total';
const brokenOff = 'cluster_insight_broken_off_answers_total';
const failures = 'cluster_insight_failures_total';
/** What alerts ask for. */
const watched: readonly ErrorCode[] = ['internal', 'overloaded', 'past_held', 'too_many_requests', 'unavailable'];

export function registerRequestMetrics(registry: Registry): void {
  const registers = [registry];
  new Histogram({
    name: duration,
    help: 'Requests answered completely, by route and status, from the first byte to the last of the answer',
    labelNames: ['route', 'status'],
    buckets,
    registers,
  });
  new Counter({ name: bytes, help: 'Bytes of answers by route, headers included', labelNames: ['route'], registers });
  new Counter({
    name: brokenOff,
    help: 'Answers that broke off before their end, because the reader left or was cut off; streams always end this way',
    labelNames: ['route'],
    registers,
  });
  shownCounter('code', watched, {
    name: failures,
    help: 'Requests answered with a failure, by code; overloaded, past_held and too_many_requests were rejected because of load',
    registers,
  });
}

/** What a server tells of its failures is counted. */
export function failureCounter(registry: Registry): (failure: Fault) => void {
  const failed = registry.getSingleMetric(failures) as Counter<'code'> | undefined;
  return ({ code }) => failed?.inc({ code });
}

/** To be called before routes are added, with a registry that has them registered. */
export function measureRequests(app: Server, registry: Registry): void {
  const took = registry.getSingleMetric(duration) as Histogram<'route' | 'status'>;
  const sent = registry.getSingleMetric(bytes) as Counter<'route'>;
  const before = new WeakMap<object, number>();
  app.addHook('onRequest', async ({ raw }) => {
    before.set(raw, raw.socket.bytesWritten ?? 0);
  });
  const broken = registry.getSingleMetric(brokenOff) as Counter<'route'>;
  whenAnswered(app, (request, reply, whole) => {
    const route = request.routeOptions.url ?? 'none';
    if (whole) took.observe({ route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
    else broken.inc({ route });
    sent.inc({ route }, Math.max(0, (request.raw.socket.bytesWritten ?? 0) - (before.get(request.raw) ?? 0)));
  });
}

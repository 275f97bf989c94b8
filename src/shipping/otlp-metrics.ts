// Points as the body of an OTLP metrics request in JSON: counters as cumulative sums, everything else as gauges.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
import type { Origin } from './audit-records.ts';
import type { Point } from './points.ts';

/** `since`: latest start of counting, in milliseconds. */
export function metricsRecords(points: readonly Point[], origin: Origin, since: number): object {
  const byName = new Map<string, Point[]>();
  for (const point of points) byName.set(point.name, [...(byName.get(point.name) ?? []), point]);
  const metrics = [...byName].map(([name, all]) => metricOf(name, all, since));
  const attributes = Object.entries(origin).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  return {
    resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ scope: { name: 'cluster-insight' }, metrics }] }],
  };
}

const cumulative = 2;

function metricOf(name: string, points: readonly Point[], since: number): object {
  const dataPoints = points.map(({ labels, value, at, counter }) => ({
    attributes: Object.entries(labels).map(([key, stringValue]) => ({ key, value: { stringValue } })),
    ...(counter ? { startTimeUnixNano: nanoseconds(Math.min(since, at)) } : {}),
    timeUnixNano: nanoseconds(at),
    asDouble: Number.isFinite(value) ? value : String(value),
  }));
  if (points[0]?.counter) return { name, sum: { aggregationTemporality: cumulative, isMonotonic: true, dataPoints } };
  return { name, gauge: { dataPoints } };
}

/** 64-bit integers are strings in this JSON. */
function nanoseconds(ms: number): string {
  return `${Math.round(ms)}000000`;
}

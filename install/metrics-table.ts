// The table of metrics in the operations page, generated from the registries.
import { Registry } from 'prom-client';
import { addAlertMetrics } from '../master/alerts/alert-metrics.ts';
import { addAccessMetrics, countReviews } from '../master/telemetry/access-metrics.ts';
import { addGatewayMetrics } from '../master/telemetry/gateway-metrics.ts';
import { addMetrics, createEventLag } from '../master/telemetry/metrics.ts';
import { addReplicaMetrics } from '../master/telemetry/replica-metrics.ts';
import { addLeaseMetrics, addStreamMetrics } from '../master/telemetry/stream-metrics.ts';
import { addUplinkMetrics } from '../master/telemetry/uplink-metrics.ts';
import { createMetrics as ofMinion } from '../minion/metrics.ts';

interface Described {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
}

const ours = 'cluster_insight_';

/** In this order: master, its stream and replicas, its uplink to a gateway, gateway, access control, minion. Reads names only. */
export function metricsTable(): string {
  const master = new Registry();
  createEventLag(master);
  addMetrics(master, {} as never);
  addAlertMetrics(master, () => undefined as never);
  const stream = new Registry();
  addStreamMetrics(stream, {} as never);
  addLeaseMetrics(stream, {} as never);
  addReplicaMetrics(stream, () => []);
  const uplink = new Registry();
  addUplinkMetrics(uplink, () => ({}) as never);
  const gateway = new Registry();
  addGatewayMetrics(gateway, {} as never);
  const access = new Registry();
  addAccessMetrics(access, { open: () => 0, visibleGraphs: () => ({ count: 0, bytes: 0 }) });
  countReviews(access, { review: () => Promise.reject(new Error('nothing is asked here')) });
  const all = [master, stream, uplink, gateway, access, ofMinion().registry].flatMap(describedBy);
  const rows = all.map(({ name, help, labelNames = [] }) => `| \`${name}\` | ${labels(labelNames)} | ${help} |`);
  return ['| metric | labels | meaning |', '|---|---|---|', ...rows].join('\n');
}

/** Metrics of the process by convention (`process_`, `nodejs_`) are left out. */
function describedBy(registry: Registry): Described[] {
  const metrics = registry.getMetricsAsArray() as unknown as Described[];
  return metrics.filter(({ name }) => name.startsWith(ours)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function labels(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

// A minion's own metrics as Prometheus text.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  request(route: string, status: number): void;
  engineCall(call: string, outcome: string, milliseconds: number): void;
  /** Whether an inspect was avoided. */
  cache(result: 'hit' | 'miss', count: number): void;
  /** Whether a conditional request found the snapshot unchanged. */
  snapshot(result: 'unchanged' | 'sent'): void;
  /** Reports when the served certificate ends. */
  certificate(end: () => number | undefined): void;
  readonly contentType: string;
  readonly registry: Registry;
  text(): Promise<string>;
}

export function createMetrics(): Metrics {
  const registers = [new Registry()];
  const requests = new Counter({
    name: 'cluster_insight_minion_requests_total',
    help: 'Requests by route and status',
    labelNames: ['route', 'status'],
    registers,
  });
  const calls = new Histogram({
    name: 'cluster_insight_minion_engine_call_seconds',
    help: 'Calls of the container runtime by call and outcome',
    labelNames: ['call', 'outcome'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  });
  const cache = new Counter({
    name: 'cluster_insight_minion_inspect_cache_total',
    help: 'Inspect results of a snapshot found in the cache (hit) or read from the runtime (miss)',
    labelNames: ['result'],
    registers,
  });
  const snapshots = new Counter({
    name: 'cluster_insight_minion_snapshots_total',
    help: 'Snapshots answered with their content (sent) or with 304 (unchanged)',
    labelNames: ['result'],
    registers,
  });
  processMetrics(registers);
  const [registry] = registers as [Registry];
  return {
    request: (route, status) => requests.inc({ route, status }),
    engineCall: (call, outcome, milliseconds) => calls.observe({ call, outcome }, milliseconds / 1000),
    cache: (result, count) => void (count > 0 && cache.inc({ result }, count)),
    snapshot: (result) => snapshots.inc({ result }),
    certificate: (end) => certificateMetric(end, registers),
    contentType: registry.contentType,
    registry,
    text: () => registry.metrics(),
  };
}

function certificateMetric(end: () => number | undefined, registers: Registry[]): void {
  new Gauge({
    name: 'cluster_insight_minion_certificate_end_timestamp_seconds',
    help: 'When the certificate that is served ends',
    registers,
    collect() {
      this.set((end() ?? 0) / 1000);
    },
  });
}

function processMetrics(registers: Registry[]): void {
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory size in bytes',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time spent in seconds',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
}

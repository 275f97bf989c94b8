// The probes' reports as metrics in the registry of `/metrics`.
import type { MetricObjectWithValues, MetricValue, Registry } from 'prom-client';
import { type MetricName, metrics } from '../probes/metrics.ts';
import type { Collected, Sample } from './collected.ts';

export interface ExpositionOptions {
  readonly registry: Registry;
  /** Prefix for names, in case another agent on the node uses the same. */
  readonly prefix: string;
  readonly machineId: string;
  readonly collected: () => Collected | undefined;
}

/** Shows the samples of the last round: request a round first. */
export function expose({ registry, prefix, machineId, collected }: ExpositionOptions): void {
  let last: Collected | undefined;
  let byMetric = new Map<string, Sample[]>();
  const samplesOf = (metric: string) => {
    const now = collected();
    if (now !== last) {
      byMetric = Map.groupBy(now?.samples ?? [], (sample) => sample.metric);
      last = now;
    }
    return byMetric.get(metric) ?? [];
  };
  for (const name of Object.keys(metrics) as MetricName[]) {
    const { type, help } = metrics[name];
    const described = { name: prefix + name, help, type, aggregator: 'sum' } as const;
    const get = (): Promise<MetricObjectWithValues<MetricValue<string>>> =>
      Promise.resolve({ ...described, values: samplesOf(name).map((sample) => valueOf(sample, machineId)) } as never);
    // The registry accepts any object with a name and `get`; its types only its own classes.
    registry.registerMetric({ ...described, get, reset: () => undefined } as never);
  }
}

function valueOf({ container, labels, value }: Sample, machineId: string): MetricValue<string> {
  const id = container ? { container_id: container.name } : {};
  return { value, labels: { machine_id: machineId, ...id, ...labels } };
}

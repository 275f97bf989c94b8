// Resource usage of each container and service of the node, by control group.
import type { Pressure } from './cgroups/forms.ts';
import { usageOf } from './cgroups/usage.ts';
import type { MetricName } from './metrics.ts';
import { cgroupsMounted } from './needs.ts';
import type { Probe, ProbedContainer, Samples } from './probe.ts';

export const cgroup = {
  name: 'cgroup',
  needs: [cgroupsMounted],
  start: () => ({
    samples({ containers }, out) {
      for (const container of containers) if (container.cgroup) tell(container, out);
    },
  }),
} as const satisfies Probe;

function tell(container: ProbedContainer, out: Samples): void {
  const usage = usageOf(container.cgroup ?? {});
  const plain = [
    ['container_resources_cpu_limit_cores', usage.cores],
    ['container_resources_cpu_usage_seconds_total', usage.cpu],
    ['container_resources_cpu_throttled_seconds_total', usage.throttled],
    ['container_resources_memory_limit_bytes', usage.memoryLimit],
    ['container_resources_memory_rss_bytes', usage.resident],
    ['container_resources_memory_cache_bytes', usage.cache],
  ] as const;
  for (const [metric, value] of plain) if (value !== undefined) out.container(container, metric, value);
  const pressures = [
    ['container_resources_cpu_pressure_waiting_seconds_total', usage.cpuPressure],
    ['container_resources_memory_pressure_waiting_seconds_total', usage.memoryPressure],
    ['container_resources_io_pressure_waiting_seconds_total', usage.ioPressure],
  ] as const;
  for (const [metric, pressure] of pressures) if (pressure) tellPressure(container, metric, pressure, out);
}

function tellPressure(container: ProbedContainer, metric: MetricName, pressure: Pressure, out: Samples): void {
  for (const kind of ['some', 'full'] as const) {
    const value = pressure[kind];
    if (value !== undefined) out.container(container, metric, value, { kind });
  }
}

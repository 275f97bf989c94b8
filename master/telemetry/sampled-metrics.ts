// Metrics of values that are counted elsewhere: read on each scrape.
import { Counter, Gauge, type Registry } from 'prom-client';

/** A value and what it is of. */
export type Sample = readonly [value: number, labels?: { readonly [name: string]: string }];

export type Sampled = (
  name: string,
  help: string,
  labelNames: readonly string[],
  samples: () => Iterable<Sample>,
) => void;

/** Both put our prefix before the name. */
export function sampledMetrics(registry: Registry): { readonly gauge: Sampled; readonly counter: Sampled } {
  return { gauge: sampled(registry, Gauge, 'set'), counter: sampled(registry, Counter, 'inc') };
}

function sampled(registry: Registry, Metric: typeof Gauge | typeof Counter, tell: 'set' | 'inc'): Sampled {
  return (name, help, labelNames, samples) => {
    const metric = new Metric({
      name: `cluster_insight_${name}`,
      help,
      labelNames,
      registers: [registry],
      collect() {
        metric.reset();
        for (const [value, labels = {}] of samples()) (metric as Gauge)[tell](labels, value);
      },
    });
  };
}

// One value of one metric at one moment, for all outgoing protocols, and the points of a registry.
import type { Registry } from 'prom-client';

export interface Labels {
  readonly [name: string]: string;
}

export interface Point {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Only grows, except after a restart. */
  readonly counter: boolean;
}

interface Told {
  readonly name: string;
  readonly type: unknown;
  readonly values: readonly {
    readonly value: number;
    readonly labels: { readonly [name: string]: string | number | undefined };
    /** For parts of a histogram or summary. */
    readonly metricName?: string;
  }[];
}

/** Everything in `/metrics`: buckets, sums and counts of a histogram are separate counters, as in Prometheus. */
export async function registryPoints(registry: Registry, at: number): Promise<Point[]> {
  const all = (await registry.getMetricsAsJSON()) as unknown as readonly Told[];
  return all.flatMap(({ name, type, values }) =>
    values.map(({ value, labels, metricName }) => ({
      name: metricName ?? name,
      labels: textsOf(labels),
      value,
      at,
      counter: type === 'counter' || type === 'histogram' || (metricName ?? name) !== name,
    })),
  );
}

function textsOf(labels: { readonly [name: string]: string | number | undefined }): Labels {
  const said = Object.entries(labels).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(said.map(([name, value]) => [name, String(value)]));
}

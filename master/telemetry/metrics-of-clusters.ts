// The metrics that a caller with rights in some clusters may read: samples about other clusters are left out.
import { type Metric, Registry } from 'prom-client';

/** The label by which metrics name the cluster that a sample is about. */
const label = 'cluster';

/** The metrics of `registry` without the samples about clusters that `mayName` refuses. Samples about no cluster stay. */
export function metricsOfClusters(registry: Registry, mayName: (cluster: string) => boolean): Registry {
  const isAllowed = (labels: object) => {
    const cluster: unknown = Reflect.get(labels, label);
    return cluster === undefined || mayName(String(cluster));
  };
  const part = new Registry();
  for (const { name } of registry.getMetricsAsArray()) {
    const metric = registry.getSingleMetric(name);
    if (metric) part.registerMetric(narrowed(metric, isAllowed));
  }
  return part;
}

/** Reads as the metric does, but without samples whose labels are refused. */
function narrowed(metric: Metric, isAllowed: (labels: object) => boolean): Metric {
  return new Proxy(metric, {
    get(of, key) {
      // Histograms have this second reader, which keeps labels apart; the registry uses `get` where there is none.
      if (key === 'getForPromString') return undefined;
      if (key !== 'get') return Reflect.get(of, key, of);
      return async () => {
        const read = await of.get();
        return { ...read, values: read.values.filter(({ labels }) => isAllowed(labels)) };
      };
    },
  });
}

// Sends metrics periodically to a Prometheus receiver, an OTLP collector or both. Each has its own queue, so an unavailable
// one delays no other; waiting data is bounded and counted.
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Logger } from '../logger.ts';
import { repeat } from '../repeat.ts';
import type { Config } from '../settings/config.ts';
import type { Delivery } from './delivery.ts';
import { type Point, registryPoints } from './points.ts';

export interface MetricsOutOptions {
  readonly config: Pick<
    Config,
    'otlpEndpoint' | 'otlpTokenFile' | 'remoteWriteUrl' | 'remoteWriteTokenFile' | 'clusterName' | 'metricsPeriod'
  >;
  /** `master`, `actor`. */
  readonly mode: string;
  readonly registry: Registry;
  /** Additional measurements; each point is taken once. */
  readonly take?: (() => readonly Point[]) | undefined;
  readonly logger: Logger;
}

export interface MetricsOut {
  /** Sends now; resolves when it is queued. */
  send(): Promise<void>;
  close(): Promise<void>;
}

interface Outlet {
  readonly delivery: Delivery;
  pack(points: readonly Point[]): Buffer;
}

/** Points per request. */
const batch = 2_000;
/** Milliseconds that the process waits for receivers at its end. */
const atEnd = 3_000;

/** Undefined if no receiver is configured. @throws Fault `bad_setting` for an invalid URL. */
export async function openMetricsOut(options: MetricsOutOptions): Promise<MetricsOut | undefined> {
  const { config, registry, logger, mode, take = () => [] } = options;
  if (config.remoteWriteUrl === undefined && config.otlpEndpoint === undefined) return undefined;
  const outlets = await outletsOf(options);
  countDeliveries(registry, outlets);
  const cluster = config.clusterName === undefined ? {} : { cluster: config.clusterName };
  const send = async (): Promise<void> => {
    const own = { ...cluster, job: `cluster-insight-${mode}` };
    const measured = await registryPoints(registry, Date.now());
    const points = [
      ...measured.map((point) => ({ ...point, labels: { ...own, ...point.labels } })),
      ...take().map((point) => ({ ...point, labels: { ...cluster, ...point.labels } })),
    ].filter(({ value }) => !Number.isNaN(value));
    for (let from = 0; from < points.length; from += batch) {
      const part = points.slice(from, from + batch);
      for (const { delivery, pack } of outlets.values()) delivery.offer({ body: pack(part), items: part.length });
      await setImmediate();
    }
  };
  const stop = repeat(config.metricsPeriod, send, logger);
  return {
    send,
    async close() {
      stop();
      await Promise.all([...outlets.values()].map(({ delivery }) => delivery.close(atEnd)));
    },
  };
}

async function outletsOf({ config, logger, mode }: MetricsOutOptions): Promise<ReadonlyMap<string, Outlet>> {
  const outlets = new Map<string, Outlet>();
  const { openOtlp, openRemoteWrite } = await import('./collector.ts');
  if (config.remoteWriteUrl !== undefined) {
    const { remoteWriteBody } = await import('./remote-write.ts');
    const { remoteWriteUrl: url, remoteWriteTokenFile: tokenFile } = config;
    outlets.set('remote_write', { delivery: openRemoteWrite({ url, tokenFile, logger }), pack: remoteWriteBody });
  }
  if (config.otlpEndpoint !== undefined) {
    const { metricsRecords } = await import('./otlp-metrics.ts');
    const { otlpEndpoint: endpoint, otlpTokenFile: tokenFile, clusterName } = config;
    const origin = {
      'service.name': `cluster-insight-${mode}`,
      ...(clusterName && { 'k8s.cluster.name': clusterName }),
    };
    const since = Date.now();
    outlets.set('otlp', {
      delivery: openOtlp({ endpoint, tokenFile, logger }, 'metrics'),
      pack: (points) => gzipSync(JSON.stringify(metricsRecords(points, origin, since))),
    });
  }
  return outlets;
}

function countDeliveries(registry: Registry, outlets: ReadonlyMap<string, Outlet>): void {
  new Counter({
    name: 'cluster_insight_points_total',
    help: 'Points of metrics by where they go and what became of them: sent, refused by the receiver, dropped for room or age',
    labelNames: ['to', 'result'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [to, { delivery }] of outlets) {
        const { sent, refused, dropped } = delivery.counts;
        for (const [result, count] of Object.entries({ sent, refused, dropped })) this.inc({ to, result }, count);
      }
    },
  });
  new Gauge({
    name: 'cluster_insight_points_waiting_bytes',
    help: 'Bodies that wait for their receiver',
    labelNames: ['to'],
    registers: [registry],
    collect() {
      for (const [to, { delivery }] of outlets) this.set({ to }, delivery.waiting.bytes);
    },
  });
}

// Starts the demo cluster on loopback: API server, a container runtime per node, and some activity.
import { setInterval as every } from 'node:timers';
import type { Logger } from '../logger.ts';
import type { Kubeconfig } from './api-server.ts';
import { createDemoCluster, type DemoCluster } from './cluster.ts';
import type { Engine } from './engine.ts';
import { createLife } from './life.ts';
import { demoTelemetry } from './telemetry.ts';

export interface DemoSettings {
  readonly logger: Logger;
  /** Port of the API server; default: a free one. */
  readonly port?: number;
  /** Whether things happen; default true. */
  readonly life?: boolean;
  /** Milliseconds between two steps of activity; default 1000. */
  readonly pace?: number;
}

export interface Demo {
  /** A kubeconfig for the demo's API server. */
  readonly kubeconfig: Kubeconfig;
  /** By node: URL of its container runtime, which speaks Docker's API. */
  readonly minions: { readonly [node: string]: string };
  close(): Promise<void>;
}

export async function startDemo({ logger, port = 0, life = true, pace = 1000 }: DemoSettings): Promise<Demo> {
  const cluster = createDemoCluster({ port });
  for (const [node, { containers, tellBy }] of cluster.engines) tellBy(() => telemetryAt(cluster, node, containers));
  await cluster.start();
  const living = createLife(cluster);
  // Does not keep the process alive.
  const timer = life ? every(() => living.tick(), pace).unref() : undefined;
  logger.debug({ url: cluster.server.url }, 'the demo cluster is up');
  return {
    kubeconfig: cluster.server.kubeconfig(),
    minions: Object.fromEntries([...cluster.engines].map(([node, engine]) => [node, engine.url])),
    async close() {
      clearInterval(timer);
      await cluster.close();
    },
  };
}

function telemetryAt({ server }: DemoCluster, node: string, containers: Engine['containers']): object {
  const world = { pods: server.list('pods'), services: server.list('services'), now: Date.now() };
  return demoTelemetry(node, containers.values(), world);
}

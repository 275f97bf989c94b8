// Starts the demo cluster on loopback: its API server, a container runtime for each node, and a little life in it.
import { setInterval as every } from 'node:timers';
import type { Logger } from '../logger.ts';
import type { Kubeconfig } from './api-server.ts';
import { createDemoCluster, type DemoCluster } from './cluster.ts';
import type { Engine } from './engine.ts';
import { createLife } from './life.ts';
import { demoTelemetry } from './telemetry.ts';

export interface DemoSettings {
  readonly logger: Logger;
  /** The API server's port; left out, a free one. */
  readonly port?: number;
  /** Whether things happen in it; default true. */
  readonly life?: boolean;
  /** Milliseconds between two steps of its life; default 1000. */
  readonly pace?: number;
}

export interface Demo {
  /** Names the demo's API server. */
  readonly kubeconfig: Kubeconfig;
  /** By node: the URL of its container runtime, which speaks Docker's API. */
  readonly minions: { readonly [node: string]: string };
  close(): Promise<void>;
}

export async function startDemo({ logger, port = 0, life = true, pace = 1000 }: DemoSettings): Promise<Demo> {
  const cluster = createDemoCluster({ port });
  for (const [node, { containers, tellBy }] of cluster.engines) tellBy(() => telemetryAt(cluster, node, containers));
  await cluster.start();
  const living = createLife(cluster);
  // The process may end while it lives.
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

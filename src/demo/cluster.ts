// The demo cluster: a fake API server with all objects, and a fake container runtime per node.
import { type ApiServer, type ApiServerOptions, createApiServer } from './api-server.ts';
import { createEngine, type Engine } from './engine.ts';
import { syncEngine } from './nodes.ts';
import { seedObjects } from './seed/index.ts';
import { demoNodes } from './seed/nodes.ts';

export interface DemoCluster {
  readonly server: ApiServer;
  /** By node. */
  readonly engines: ReadonlyMap<string, Engine>;
  /** Makes the runtimes run what the API server stores. */
  sync(): void;
  start(): Promise<void>;
  close(): Promise<void>;
}

export function createDemoCluster(options: ApiServerOptions = {}): DemoCluster {
  const server = createApiServer(options);
  const engines = new Map(
    demoNodes.map(({ name, runtimeVersion }) => [name, createEngine({ version: runtimeVersion })]),
  );
  seed(server);
  let synced = -1;
  const sync = () => {
    if (synced === server.version()) return;
    synced = server.version();
    const pods = server.list('pods');
    for (const [node, engine] of engines) syncEngine(engine, node, pods);
  };
  sync();
  return {
    server,
    engines,
    sync,
    async start() {
      await Promise.all([server.start(), ...[...engines.values()].map((engine) => engine.start())]);
    },
    async close() {
      await Promise.all([server.stop(), ...[...engines.values()].map((engine) => engine.stop())]);
    },
  };
}

/** A separate server provides metrics; they can be neither watched nor written. */
const metrics = {
  group: 'metrics.k8s.io',
  versions: ['v1beta1'],
  namespaced: true,
  verbs: ['get', 'list'],
  custom: false,
} as const;

function seed(server: ApiServer): void {
  server.addKind({ ...metrics, kind: 'PodMetrics', plural: 'pods', singular: 'pod' });
  server.addKind({ ...metrics, kind: 'NodeMetrics', plural: 'nodes', singular: 'node', namespaced: false });
  for (const object of seedObjects()) server.create(object);
  // As after a restart of the API server: older versions cannot be watched.
  server.compact();
}

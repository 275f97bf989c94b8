// Wires the master: which cluster, reflectors and collector, store and engine, routes. The only place where that is done.
import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import packageJson from '../package.json' with { type: 'json' };
import { readTls, serveTlsAnew } from '../src/http/tls.ts';
import type { Logger } from '../src/logger.ts';
import type { Running, Start } from '../src/mode.ts';
import type { Config } from '../src/settings/config.ts';
import { protect } from './access/protect.ts';
import { createApp } from './app.ts';
import { buildGraph } from './build-graph.ts';
import { createCompression } from './compression/compress.ts';
import { calmGarbageCollection } from './garbage-collection.ts';
import type { Engine } from './graph/engine/engine.ts';
import { createRetention, mostOf } from './graph/revisions/retention.ts';
import { createMinionPods } from './ingest/minion-pods.ts';
import { createPageReader } from './ingest/pages/reader.ts';
import { kinds } from './kinds/index.ts';
import type { Kind } from './kinds/kind.ts';
import { typeOfKind } from './kinds/lookup.ts';
import type { Build } from './routes/route.ts';
import { runningImage } from './running-image.ts';
import { openCluster } from './served-cluster.ts';
import type { Reflectors } from './sources/kubernetes/reflectors.ts';
import { createReflectors } from './sources/kubernetes/reflectors.ts';
import { openCollector } from './sources/runtime/open.ts';
import { addMetrics, createEventLag } from './telemetry/metrics.ts';
import { createMemoryWatch, memoryLimit } from './telemetry/process-metrics.ts';
import { readingMetrics } from './telemetry/reading-metrics.ts';

/** Where the manifests put the minions. */
const usualNamespace = 'cluster-insight';

/** Milliseconds between two looks at what memory is left. */
const memoryPeriod = 2_000;
/** Milliseconds between two looks at what slow readers hold. */
const retentionPeriod = 1_000;

export const start: Start = async ({ config, logger, signal }) => {
  calmGarbageCollection();
  const https = readTls(config);
  const served = await openCluster(config, logger, signal);
  const build = buildOf(config);
  const metrics = new Registry();
  const retention = createRetention({
    most: mostOf(memoryLimit()),
    onCut(held, rests) {
      readingMetrics(metrics).cutOff.inc({ reason: rests ? 'past_held_by_pages' : 'past_held' });
      const what = rests ? 'a walk through pages was ended' : 'a slow reader was cut off';
      logger.warn({ held }, `${what}: too much of the past was held in memory for it`);
    },
  });
  const { engine, store, containers, names, problems, mirror, engineOptions, pages } = buildGraph({
    clusterName: served.clusterName,
    version: build.version,
    namespaces: config.namespaces,
    keepValues: config.keepValues,
    logger,
    retention,
    mirrored: config.auth === 'kubernetes',
    openPages: createPageReader,
  });
  const read = new Map<string, Kind>();
  const reflectors = createReflectors({
    client: served.client,
    kinds,
    sinkOf(kind) {
      names.add(kind);
      read.set(typeOfKind(kind), kind);
      return store.sinkOf(kind);
    },
    config,
    logger,
    onEvent: createEventLag(metrics),
  });
  const collector = openCollector({
    config: { ...config, minions: served.minions },
    pods: createMinionPods(engine, config.podNamespace ?? usualNamespace),
    sink: containers.runtime,
    logger,
  });
  const compression = createCompression(config.cacheSize);
  addMetrics(metrics, {
    graph: engine,
    reflectors,
    collector,
    build,
    compression: compression.stats,
    problems: () => ({ refused: store.refused, ruleFailures: problems.count() }),
  });
  const state = { closing: false };
  const epoch = randomUUID().slice(0, 8);
  const context = {
    graph: engine,
    typeNamed: names.find,
    live: [{ name: 'ping', check: () => true as const }],
    ready: [
      { name: 'shutdown', check: () => !state.closing || 'the process is ending' },
      { name: 'sync', check: () => reflectors.hasSynced() || `waiting for ${reflectors.waitingFor() ?? 'nothing'}` },
    ],
    metrics,
    build,
    ...runningOf(config, engine),
    demo: served.demo,
    epoch,
  };
  // What the rim logs of a request is not logged again behind it.
  const behind = logger.child({}, { level: 'warn' });
  const protection = await protect({
    config,
    client: served.client,
    main: engine,
    mirror,
    engineOptions,
    epoch,
    kinds: () => read.values(),
    synced: reflectors.hasSynced,
    metrics,
    clock: Date.now,
    logger,
    async open(graph, epoch) {
      const app = createApp({ ...context, graph, epoch, compression, server: { logger: behind } });
      await app.ready();
      return app;
    },
  });
  const app = createApp({
    ...context,
    compression,
    measured: true,
    server: { logger, ...(https ? { https } : {}) },
    access: protection.access,
  });
  const listenTextResolver = (address: string) => `serving ${served.words} at ${address}/`;
  const url = await app.listen({ host: config.host, port: config.port, listenTextResolver });
  if (served.demo) logger.warn('this is the demo: the cluster that is served is made up, and runs nowhere');
  const timers = [
    setInterval(createMemoryWatch(logger), memoryPeriod).unref(),
    setInterval(retention.look, retentionPeriod).unref(),
  ];
  const unfollow = serveTlsAnew(app.server, config, logger);
  void whenSynced(reflectors, engine, logger).then(() => collector.start());

  return {
    url,
    async close() {
      state.closing = true;
      for (const timer of timers) clearInterval(timer);
      await collector.close();
      unfollow();
      await protection.close();
      await app.close();
      await reflectors.close();
      await pages?.close();
      served.client.close();
      await served.close();
    },
  } satisfies Running;
};

/** The first list of everything is nobody's change; from then on each change is kept for those who watch. */
async function whenSynced(reflectors: Reflectors, engine: Engine, logger: Logger): Promise<void> {
  const began = performance.now();
  await reflectors.whenSynced;
  engine.changes.record();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  logger.info(`ready after ${seconds} s: ${engine.order.size} resources, ${engine.relations} relations`);
}

/** What the graph says of this process's own Pod, where it runs in one and was told which. */
function runningOf({ podName: name, podNamespace: namespace }: Config, engine: Engine) {
  if (name === undefined || namespace === undefined) return {};
  return { running: () => runningImage(engine, { name, namespace }) };
}

function buildOf({ version, revision, buildDate }: Config): Build {
  return { version: version ?? packageJson.version, revision, date: buildDate };
}

// A master that sends its cluster to a gateway over loopback: graph, metrics and findings. Objects and metrics are the test's.
import { Registry } from 'prom-client';
import { FindingBook } from '../../master/findings/book.ts';
import { FindingsDesk } from '../../master/findings/desk.ts';
import { findingRules } from '../../master/findings/index.ts';
import { noLimit } from '../../master/graph/engine/relation-limit.ts';
import { Series } from '../../master/series/series.ts';
import { turns } from '../../master/turns.ts';
import { openMasterUplink } from '../../master/uplink/open.ts';
import { silentLogger } from '../../src/logger.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { readConfig } from '../../src/settings/config.ts';
import { createTestApp, epoch, type TestApp } from './app.ts';
import { usualKinds } from './input-logs.ts';
import { kindNamed } from './random-cluster.ts';

export interface ToldCluster {
  readonly graph: TestApp;
  readonly series: Series;
  readonly desk: FindingsDesk;
  put(...objects: readonly KubernetesObject[]): void;
  close(): Promise<void>;
}

/** `fill` adds the initial objects before findings are computed. */
export async function startToldCluster(
  flags: readonly string[],
  fill: (cluster: Pick<ToldCluster, 'put' | 'series'>) => void = () => undefined,
): Promise<ToldCluster> {
  const series = new Series(1 << 22);
  const graph = createTestApp({ clock: Date.now, mirrored: true, series });
  const book = new FindingBook(findingRules, series);
  const desk = new FindingsDesk({ graph: graph.engine, book, clock: Date.now, run: turns.run });
  const put = (...objects: readonly KubernetesObject[]) => {
    for (const object of objects) graph.store.sinkOf(kindNamed(object.kind ?? '')).event('MODIFIED', object as never);
  };
  fill({ put, series });
  await desk.start();
  const { engine, mirror, engineOptions } = graph;
  if (mirror === undefined) throw new Error('what is told must be mirrored');
  const { virtualTypes, namespaces, createdBy } = engineOptions;
  const told = {
    engine,
    mirror,
    clusterUid: 'told',
    createdBy,
    virtualTypes,
    namespaces,
    limit: noLimit,
    kinds: usualKinds,
  };
  const uplink = await openMasterUplink({
    config: readConfig({}, ['master', ...flags]),
    logger: silentLogger,
    metrics: new Registry(),
    version: '0.0.0',
    clusterName: 'told',
    graph: told,
    epoch,
    series,
    findings: desk,
    synced: Promise.resolve(),
  });
  return {
    graph,
    series,
    desk,
    put,
    async close() {
      await uplink.close();
      desk.close();
      await graph.app.close();
    },
  };
}

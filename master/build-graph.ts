// Puts together what makes a graph of objects: the engine, the store in front of it, and what they need of each other.
// Whoever brings the objects, reflectors or files, brings them to `store.sinkOf(kind)`.
import type { Clock } from '../src/clock.ts';
import { resourceId } from '../src/ids.ts';
import type { Logger } from '../src/logger.ts';
import type { Engine, EngineOptions, Item } from './graph/engine/engine.ts';
import { createEngine } from './graph/engine/engine.ts';
import { createMirror, type Mirror } from './graph/replication/mirror.ts';
import { createRetention, type Retention } from './graph/revisions/retention.ts';
import { type Containers, createContainers } from './ingest/containers.ts';
import { createEventSink } from './ingest/events.ts';
import { createInfer } from './ingest/infer.ts';
import { createItemMaker } from './ingest/item.ts';
import type { PageReader, PageReaderOptions } from './ingest/pages/reader.ts';
import { createProblems, type Problems } from './ingest/problems.ts';
import { createStore, type Store } from './ingest/store.ts';
import { kinds } from './kinds/index.ts';
import { typeOfKind } from './kinds/lookup.ts';
import { rules } from './relations/index.ts';
import { virtualTypes } from './relations/virtual.ts';
import { createTypeNames, type TypeNames } from './type-names.ts';

export interface GraphOptions {
  readonly clusterName: string;
  /** Of this program: every relation says what made it. */
  readonly version: string;
  /** The only namespaces that were looked at; none means all. */
  readonly namespaces: readonly string[];
  /** Keep what redaction would take out. */
  readonly keepValues: boolean;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Bounds what readers of past revisions hold. */
  readonly retention?: Retention;
  /** Others will want a part of it, too. */
  readonly mirrored?: boolean;
  /** Opens what has long pages of lists read in a thread of their own. */
  readonly openPages?: (options: PageReaderOptions) => PageReader;
}

export interface Graph {
  readonly engine: Engine;
  readonly store: Store;
  readonly containers: Containers;
  readonly names: TypeNames;
  readonly problems: Problems;
  /** Where it is mirrored. */
  readonly mirror: Mirror | undefined;
  readonly engineOptions: EngineOptions;
  /** To be closed. */
  readonly pages: PageReader | undefined;
}

export function buildGraph({
  clusterName,
  version,
  namespaces,
  keepValues,
  logger,
  clock = Date.now,
  retention = createRetention(),
  mirrored = false,
  openPages,
}: GraphOptions): Graph {
  const names = createTypeNames(kinds);
  const engineOptions: EngineOptions = {
    clusterName,
    createdBy: `cluster-insight ${version}`,
    rules,
    virtualTypes: new Set(Object.keys(virtualTypes)),
    clock,
    answersFor: { Container: 'Pod', Process: 'Pod' },
    clusterScoped: names.clusterScoped,
    namespacedTypes: new Set(kinds.filter(({ namespaced }) => namespaced).map(typeOfKind)),
    namespaces: namespaces.length > 0 ? new Set(namespaces) : undefined,
    retention,
  };
  const engine = createEngine(engineOptions);
  const mirror = mirrored ? createMirror(engine) : undefined;
  const told = mirror?.engine ?? engine;
  const problems = createProblems(logger);
  const items = createItemMaker(createInfer(rules, problems.ofRule), keepValues);
  const containers = createContainers(told, items, clock);
  const counted = new Map([['Event', createEventSink(told, clock, names.clusterScoped)]]);
  const pages = openPages?.({ keepValues, rules, onProblem: problems.ofRule });
  const store = createStore({ engine: told, items, containers, clock, counted, pages, onRefused: problems.ofObject });
  told.transact(() => told.put(clusterItem(clusterName)));
  return { engine, store, containers, names, problems, mirror, engineOptions, pages };
}

function clusterItem(name: string): Item {
  return {
    id: resourceId('Cluster', name),
    type: 'Cluster',
    namespace: '',
    name,
    uid: '',
    resourceVersion: '',
    label: name,
    alternateLabel: '',
    labels: undefined,
    controlled: false,
    nodeName: '',
    phase: '',
    references: [],
    properties: '{}',
  };
}

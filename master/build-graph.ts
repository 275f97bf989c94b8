// Puts together what makes a graph of objects: the engine, the store in front of it, and what they need of each other.
// Whoever brings the objects, reflectors or files, brings them to `store.sinkOf(kind)`.
import type { Clock } from '../src/clock.ts';
import { resourceId } from '../src/ids.ts';
import type { Logger } from '../src/logger.ts';
import type { Engine, Item } from './graph/engine.ts';
import { createEngine } from './graph/engine.ts';
import { kinds } from './kinds/index.ts';
import { rules } from './relations/index.ts';
import { virtualTypes } from './relations/virtual.ts';
import { type Containers, createContainers } from './store/containers.ts';
import { createEventSink } from './store/events.ts';
import { createInfer } from './store/infer.ts';
import { createItemMaker } from './store/item.ts';
import { createProblems, type Problems } from './store/problems.ts';
import { createStore, type Store } from './store/store.ts';
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
}

export interface Graph {
  readonly engine: Engine;
  readonly store: Store;
  readonly containers: Containers;
  readonly names: TypeNames;
  readonly problems: Problems;
}

export function buildGraph({
  clusterName,
  version,
  namespaces,
  keepValues,
  logger,
  clock = Date.now,
}: GraphOptions): Graph {
  const names = createTypeNames(kinds);
  const engine = createEngine({
    clusterName,
    createdBy: `cluster-insight ${version}`,
    rules,
    virtualTypes: new Set(Object.keys(virtualTypes)),
    clock,
    answersFor: { Container: 'Pod', Process: 'Pod' },
    clusterScoped: names.clusterScoped,
    namespaces: namespaces.length > 0 ? new Set(namespaces) : undefined,
  });
  const problems = createProblems(logger);
  const items = createItemMaker(createInfer(rules, problems.ofRule), keepValues);
  const containers = createContainers(engine, items, clock);
  const counted = new Map([['Event', createEventSink(engine, clock, names.clusterScoped)]]);
  const store = createStore({ engine, items, containers, clock, counted, onRefused: problems.ofObject });
  engine.transact(() => engine.put(clusterItem(clusterName)));
  return { engine, store, containers, names, problems };
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

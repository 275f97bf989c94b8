// Puts together what makes a graph of objects: the engine, the store in front of it, and what they need of each other.
// Whoever brings the objects, reflectors or files, brings them to `store.sinkOf(kind)`.
import type { Clock } from '../src/clock.ts';
import { resourceId } from '../src/ids.ts';
import type { Logger } from '../src/logger.ts';
import type { Steps } from '../src/steps.ts';
import { engineOptionsOf } from './engine-options.ts';
import type { Engine, EngineOptions, GraphWriter } from './graph/engine/engine.ts';
import { createEngine } from './graph/engine/engine.ts';
import type { RelationLimit } from './graph/engine/relation-limit.ts';
import { bareItem } from './graph/model/bare-item.ts';
import { createMirror, type Mirror } from './graph/replication/mirror.ts';
import { createRetention, type Retention } from './graph/revisions/retention.ts';
import { type Containers, createContainers } from './ingest/containers.ts';
import { createEventSink } from './ingest/events.ts';
import { createInfer } from './ingest/infer.ts';
import { inferAgain } from './ingest/infer-again.ts';
import { createItemMaker } from './ingest/item.ts';
import type { PageReader, PageReaderOptions } from './ingest/pages/reader.ts';
import { createProblems, type Problems } from './ingest/problems.ts';
import { createSourceWriter } from './ingest/source-writer.ts';
import { createStore, type Store } from './ingest/store.ts';
import { kinds } from './kinds/index.ts';
import { limitFor, logBytesFor } from './memory-guard.ts';
import { RuleBook, type RuleSettings } from './relations/book.ts';
import type { Declaration } from './relations/declared/declaration.ts';
import type { Rule } from './relations/relation.ts';
import { virtualTypes } from './relations/virtual.ts';
import type { Source, SourceWriter } from './sources/source.ts';
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
  /** Bounds how many relations there are. */
  readonly limit?: RelationLimit;
  /** Rules of users, each with its name. */
  readonly declarations?: readonly Declaration[] | undefined;
  readonly ruleSettings?: RuleSettings;
  /** Others will want a part of it, too. */
  readonly mirrored?: boolean;
  /** What may wait is derived when `engine.derive` is called, after the first list. */
  readonly derivesLater?: boolean;
  /** Opens what has long pages of lists read in a thread of their own. */
  readonly openPages?: (options: PageReaderOptions) => PageReader;
}

export interface Graph {
  readonly engine: Engine;
  readonly store: Store;
  readonly containers: Containers;
  /** Whatever is written here, a mirror is told, too. */
  readonly writer: GraphWriter;
  /** For sources that bring resources of their own. */
  readonly writerFor: (source: Pick<Source, 'family' | 'name'>) => SourceWriter;
  readonly names: TypeNames;
  readonly problems: Problems;
  /** Where it is mirrored. */
  readonly mirror: Mirror | undefined;
  readonly engineOptions: EngineOptions;
  /**
   * Runs these rules of users in place of those before; comes to how many objects say something else now. To be run to its
   * end before it is called again.
   */
  readonly declare: (declarations: readonly Declaration[]) => Steps<number>;
  /** To be closed. */
  readonly pages: PageReader | undefined;
}

/** What every resource and relation says made it. */
export function createdBy(version: string): string {
  return `cluster-insight ${version}`;
}

export function buildGraph({
  clusterName,
  version,
  namespaces,
  keepValues,
  logger,
  clock = Date.now,
  retention = createRetention(),
  limit = limitFor(),
  mirrored = false,
  derivesLater = false,
  declarations = [],
  ruleSettings = {},
  openPages,
}: GraphOptions): Graph {
  const names = createTypeNames(kinds);
  const book = new RuleBook(ruleSettings);
  book.declare(declarations);
  const generation = () => book.generation;
  const rules = book.all;
  const engineOptions = engineOptionsOf({
    clusterName,
    createdBy: createdBy(version),
    rules,
    virtualTypes: Object.keys(virtualTypes),
    namespaces,
    names,
    clock,
    retention,
    limit,
  });
  const engine = createEngine({ ...engineOptions, derivesLater, logBytes: logBytesFor() });
  const mirror = mirrored ? createMirror(engine) : undefined;
  const writer = mirror?.writer ?? engine;
  const problems = createProblems(logger);
  const infer = createInfer(rules, problems.ofRule, generation);
  const items = createItemMaker(infer, keepValues, generation);
  const containers = createContainers({ graph: engine, writer, items, clock });
  const counted = new Map([['Event', createEventSink(writer, clock, names.clusterScoped)]]);
  const pages = openPages?.({
    keepValues,
    rules,
    declared: () => book.declarations,
    ruleSettings,
    generation,
    onProblem: problems.ofRule,
  });
  const store = createStore({
    graph: engine,
    writer,
    items,
    containers,
    clock,
    counted,
    pages,
    onRefused: problems.ofObject,
  });
  writer.transact(() =>
    writer.put(bareItem({ id: resourceId('Cluster', clusterName), type: 'Cluster', name: clusterName })),
  );
  const writerFor = (source: Pick<Source, 'family' | 'name'>) =>
    createSourceWriter(source, { graph: engine, writer, clock });
  /** Those that came or went, and were not gone through to the end. */
  const open = new Set<Rule>();
  function* declare(now: readonly Declaration[]): Steps<number> {
    for (const rule of book.declare(now)) open.add(rule);
    const changed = [...open];
    const count = yield* inferAgain({ graph: engine, writer, infer }, changed);
    for (const rule of changed) open.delete(rule);
    return count;
  }
  return { declare, engine, store, containers, writer, writerFor, names, problems, mirror, engineOptions, pages };
}

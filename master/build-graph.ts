// Builds a graph: the engine, the store, and their dependencies. Sources, reflectors or files, write to
// `store.sinkOf(kind)`.
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
import { ItemMaker } from './ingest/item.ts';
import type { PageReader, PageReaderOptions } from './ingest/pages/reader.ts';
import { createProblems, type Problems } from './ingest/problems.ts';
import { createSourceWriter } from './ingest/source-writer.ts';
import { Store } from './ingest/store.ts';
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
  /** Version of this program, for `createdBy`. */
  readonly version: string;
  /** The only namespaces that are read; empty for all. */
  readonly namespaces: readonly string[];
  /** Keep values that redaction would remove. */
  readonly keepValues: boolean;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Bound for readers of past revisions. */
  readonly retention?: Retention;
  /** Bound for relations. */
  readonly limit?: RelationLimit;
  /** User-defined rules with their names. */
  readonly declarations?: readonly Declaration[] | undefined;
  readonly ruleSettings?: RuleSettings;
  /** Others will want a part of it, too. */
  readonly mirrored?: boolean;
  /** Derivations that may wait run with `engine.derive`, after the initial list. */
  readonly derivesLater?: boolean;
  /** Opens a reader of long list pages in another thread. */
  readonly openPages?: (options: PageReaderOptions) => PageReader;
}

export interface Graph {
  readonly engine: Engine;
  readonly store: Store;
  readonly containers: Containers;
  /** Writes here also reach a mirror. */
  readonly writer: GraphWriter;
  /** For sources with resources of their own. */
  readonly writerFor: (source: Pick<Source, 'family' | 'name'>) => SourceWriter;
  readonly names: TypeNames;
  readonly problems: Problems;
  /** Set if it is mirrored. */
  readonly mirror: Mirror | undefined;
  readonly engineOptions: EngineOptions;
  /**
   * Replaces user-defined rules; returns the number of objects whose references changed. Run to the end before the next
   * call.
   */
  readonly declare: (declarations: readonly Declaration[]) => Steps<number>;
  /** Close it at the end. */
  readonly pages: PageReader | undefined;
}

/** The `createdBy` of every resource and relation. */
export function createdBy(version: string): string {
  return `cluster-insight ${version}`;
}

export function buildGraph(options: GraphOptions): Graph {
  const { clusterName, version, namespaces, keepValues, logger } = options;
  const { clock = Date.now, retention = createRetention(), limit = limitFor() } = options;
  const { mirrored = false, derivesLater = false, declarations = [], ruleSettings = {}, openPages } = options;
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
  const items = new ItemMaker(infer, keepValues, generation);
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
  const store = new Store({
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
  const declare = declaring(book, { graph: engine, writer, infer });
  return { declare, engine, store, containers, writer, writerFor, names, problems, mirror, engineOptions, pages };
}

/** Replaces the rules of users in the book, and what the graph's objects refer to by them. */
function declaring(book: RuleBook, into: Parameters<typeof inferAgain>[0]): Graph['declare'] {
  /** Those that came or went, and were not gone through to the end. */
  const open = new Set<Rule>();
  return function* declare(now) {
    for (const rule of book.declare(now)) open.add(rule);
    const changed = [...open];
    const count = yield* inferAgain(into, changed);
    for (const rule of changed) open.delete(rule);
    return count;
  };
}

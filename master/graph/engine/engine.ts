// The graph engine keeps relations incrementally from resources and their references. A change costs what it touches.
// Invariant: after any sequence of calls the graph equals one built from the final objects in any order; only timestamps
// depend on history.
//
// References become claims (claims.ts), claims make edges (links.ts), and commit.ts rewrites touched resources at the end
// of a transaction. This file wires the parts; writing.ts has the write methods.

import { timestampOf } from '../../../src/clock.ts';
import type { SourceState } from '../../../src/model.ts';
import { every, type Steps } from '../../../src/steps.ts';
import type { Rule } from '../../relations/relation.ts';
import type { BeforeCommit, Continuation, Engine, EngineOptions, Item, Renewal, Stamps } from '../contract.ts';
import type { Annotations, AnnotationValue } from '../model/annotation.ts';
import { type Bytes, createBytes } from '../model/bytes.ts';
import type { TableSize } from '../model/table.ts';
import { noRow } from '../model/table.ts';
import type { Edge, Vertex } from '../model/vertex.ts';
import { type Changes, createChanges } from '../revisions/changes.ts';
import { createOpenSnapshots, type OpenSnapshots } from '../revisions/open-snapshots.ts';
import { createRetention } from '../revisions/retention.ts';
import { createUndoLogs, type UndoLogs } from '../revisions/undo-log.ts';
import { Absences } from './absences.ts';
import { AnnotationTable } from './annotations.ts';
import { Claims } from './claims.ts';
import { type Commit, createCommit, empty, textOf } from './commit.ts';
import { cutFamily } from './cut-relations.ts';
import { createDerivations, type Derivations } from './derivations.ts';
import { EdgeTable } from './edge-table.ts';
import { createEdgeLists, type EdgeLists, findRow } from './edges.ts';
import { createFacts } from './facts.ts';
import { createWriter, type Standing, type Writer } from './json.ts';
import { createLinks, type Links } from './links.ts';
import { createOrder, type Order } from './order.ts';
import { noLimit } from './relation-limit.ts';
import { createResolver, type Resolver } from './resolver.ts';
import { SetClaims } from './set-claims.ts';
import { createStandings, type Standings } from './standings.ts';
import { createStates, type States } from './states.ts';
import { createSweep, type Sweep } from './sweep.ts';
import { type Transaction, Transactions } from './transaction.ts';
import { UnheardReferences } from './unheard-references.ts';
import { VertexRows } from './vertex-rows.ts';
import { createVertices, type Vertices } from './vertices.ts';
import { Writing } from './writing.ts';

export type { Engine, EngineOptions, GraphReader, GraphWriter, Item, Renewal, SourcedReference } from '../contract.ts';

/** Resources derived per transaction, plus their dependents. */
const slice = 200;

export function createEngine(options: EngineOptions): Engine {
  return new GraphEngine(options);
}

class GraphEngine implements Engine {
  readonly clusterName: string;
  readonly rules: readonly Rule[];
  readonly bytes: Bytes = createBytes();
  readonly openSnapshots: OpenSnapshots;
  readonly order: Order;
  readonly changes: Changes;
  readonly edgeLists: EdgeLists;
  readonly undoLogs: UndoLogs;
  readonly #rows = new VertexRows();
  readonly #edges = new EdgeTable(this.#rows);
  readonly #annotations = new AnnotationTable();
  readonly #states: States = createStates();
  readonly #facts = createFacts(this.#edges.claims);
  readonly #absences: Absences;
  readonly #standings: Standings;
  readonly #vertices: Vertices;
  readonly #writer: Writer;
  readonly #transactions: Transactions;
  readonly #links: Links;
  readonly #resolver: Resolver;
  readonly #derivations: Derivations;
  readonly #commit: Commit;
  readonly #sets: SetClaims;
  readonly #unheard: UnheardReferences;
  readonly #writing: Writing;
  readonly #sweep: Sweep;
  #revision = 0;
  #timestamp: string;

  constructor(options: EngineOptions) {
    const { clock, virtualTypes } = options;
    this.clusterName = options.clusterName;
    this.rules = options.rules;
    this.#timestamp = timestampOf(clock());
    this.openSnapshots = createOpenSnapshots(options.retention ?? createRetention());
    this.order = createOrder(this.openSnapshots);
    this.changes = createChanges(options.logBytes ?? 64 << 20);
    this.#absences = new Absences(virtualTypes, this.#edges);
    this.#standings = createStandings(options, this.#states, this.#absences);
    this.#vertices = createVertices(virtualTypes, this.#edges, (id) => this.#annotations.of(id));
    const standingOf = this.#standings.of;
    this.#writer = createWriter(options.createdBy, this.#standings.presenceOf);
    this.edgeLists = createEdgeLists(this.#edges, this.bytes, this.openSnapshots, (edges) =>
      edges.map((edge) => this.#writer.edge(edge)).join(''),
    );
    this.undoLogs = createUndoLogs(this.#edges, standingOf);
    this.#transactions = new Transactions({
      clock,
      undoLogs: this.undoLogs,
      changes: this.changes,
      standingOf,
      latest: () => this.#timestamp,
      settle: () => this.#settle(),
      commit: (done) => this.#end(done),
    });
    const derivations = options.derivations ?? [];
    const { presenceOf, isKnown } = this.#standings;
    const around = { standingOf: presenceOf, isKnown, claimsOf: ({ claims }: Edge) => claims };
    this.#derivations = createDerivations(derivations, around, { later: options.derivesLater });
    this.#links = createLinks({
      transactions: this.#transactions,
      changes: this.changes,
      edges: this.#edges,
      edgeLists: this.edgeLists,
      writer: this.#writer,
      undoLogs: this.undoLogs,
      descending: new Set(derivations.flatMap(({ descendsOver = [] }) => descendsOver)),
    });
    this.#resolver = createResolver(this.#vertices, this.#facts, options);
    this.#commit = createCommit({
      vertices: this.#vertices,
      edges: this.#edges,
      order: this.order,
      bytes: this.bytes,
      changes: this.changes,
      openSnapshots: this.openSnapshots,
      writer: this.#writer,
      standingOf,
    });
    this.#sweep = createSweep(this.bytes, this.#vertices);
    this.#sets = this.#openSets(options);
    this.#unheard = this.#openUnheard(options);
    this.#writing = this.#openWriting();
    this.#transactions.beforeCommit(() => this.#derive(this.#transactions.current()));
  }

  #openSets({ limit = noLimit }: EngineOptions): SetClaims {
    return new SetClaims({
      graph: this.#vertices,
      claims: this.#edges.claims,
      links: this.#links,
      resolver: this.#resolver,
      limit,
      tellCut: (group, said) => this.#tellCut(group, said),
      annotate: ({ id }, name, value) => this.annotate(id, name, value),
    });
  }

  #openUnheard({ limit = noLimit }: EngineOptions): UnheardReferences {
    const vertices = this.#vertices;
    return new UnheardReferences({
      limit,
      claims: this.#edges.claims,
      *speakersIn(namespace) {
        for (const vertex of { [Symbol.iterator]: () => vertices.all() })
          if (vertex.namespace === namespace) yield vertex;
      },
      silence: (vertex) => this.#writing.silence(vertex),
      tell: (what, said) => this.#tellCut(what, said),
    });
  }

  #openWriting(): Writing {
    const parts = {
      vertices: this.#vertices,
      transactions: this.#transactions,
      links: this.#links,
      annotations: this.#annotations,
      states: this.#states,
      standings: this.#standings,
      derivations: this.#derivations,
      sets: this.#sets,
      unheard: this.#unheard,
    };
    const claims = new Claims({
      tellCut: (what, said) => this.#tellCut(what, said),
      edges: this.#edges,
      resolver: this.#resolver,
      facts: this.#facts,
      links: this.#links,
      sets: this.#sets,
      transactions: this.#transactions,
      isKnown: this.#standings.isKnown,
      tellAmbiguous: ({ id }, among) => this.annotate(id, 'ambiguous', among),
    });
    return new Writing({ ...parts, claims });
  }

  #tellCut(name: string, reason: string | undefined): void {
    const since = this.#transactions.current().now;
    const state: SourceState | undefined = reason === undefined ? undefined : { state: 'partly', since, reason };
    this.setSource(cutFamily, name, state);
  }

  #settle(): void {
    this.#unheard.settle();
    this.#sets.settle();
    this.#writing.settle();
  }

  #derive(done: Transaction): void {
    const changed = (vertex: Vertex) => this.#transactions.touchIn(done, vertex);
    this.#absences.renew(done, changed);
    this.#derivations.renew(done, changed);
    done.derivedAfter = done.touches;
  }

  #end(done: Transaction): void {
    // Later hooks may have changed the derivations' inputs.
    if (done.touches !== done.derivedAfter) this.#derive(done);
    const change = this.#commit.commit(done, () => this.#states.texts().short);
    this.#edges.reclaim();
    this.#rows.reclaim();
    if (!change) return;
    this.#revision++;
    this.#timestamp = done.now;
    this.changes.push({ ...change, revision: this.#revision, timestamp: this.#timestamp });
    this.#sweep.step();
  }

  *derive(): Steps<void> {
    if (!this.#derivations.begin()) return;
    // Without readers each slab is freed before the next one is written.
    this.bytes.reuse(this.openSnapshots.readers === 0);
    try {
      yield* this.#deriveAll();
      yield* this.#sweep.whole();
    } finally {
      this.bytes.reuse(false);
    }
  }

  *#deriveAll(): Steps<void> {
    let open: Vertex[] = [];
    const pass = () => this.transact(() => open.forEach((vertex) => this.#transactions.current().relinked.add(vertex)));
    for (const vertex of (yield* this.#inSlabs()).flat()) {
      // Skips vertices that were derived together with another.
      if (this.#derivations.isOpen(vertex)) open.push(vertex);
      if (open.length < slice) continue;
      pass();
      open = [];
      yield;
    }
    pass();
  }

  /** All vertices with waiting derivations, by the slab that contains them. */
  *#inSlabs(): Steps<readonly Vertex[][]> {
    const bySlab: Vertex[][] = [];
    const pause = every(slice);
    for (const vertex of { [Symbol.iterator]: () => this.#vertices.all() }) {
      if (this.#derivations.isOpen(vertex)) (bySlab[vertex.version?.slab.number ?? 0] ??= []).push(vertex);
      if (pause()) yield;
    }
    return bySlab;
  }

  stamp({ id, resource, relations }: Stamps): boolean {
    const vertex = this.#vertices.get(id);
    if (!vertex) return false;
    if (resource !== undefined) {
      this.#transactions.touch(vertex);
      this.#transactions.current().stamps.set(vertex, resource);
    }
    if (relations === undefined) return true;
    const rows = vertex.out.flatMap((block) => Array.from({ length: block.size }, (_, i) => block.rowAt(i)));
    const at = (i: number) => (typeof relations === 'string' ? relations : (relations[i] as string));
    if (typeof relations !== 'string' && relations.length !== rows.length) return false;
    rows.forEach((row, i) => this.#links.stamp(row, at(i)));
    return true;
  }

  stampRelation(source: string, type: string, target: string, at: string): void {
    const vertex = this.#vertices.get(source);
    const row = vertex ? findRow(vertex, type, target) : noRow;
    if (row !== noRow) this.#links.stamp(row, at);
  }

  continueAs({ revision, timestamp, states, outOfStepSince }: Continuation): void {
    this.#states.restate(states, outOfStepSince);
    this.#revision = revision;
    this.#timestamp = timestamp;
    this.changes.continueFrom(revision);
  }

  // --- writing -------------------------------------------------------------------------------------------------------

  transact(change: () => void): void {
    this.#transactions.run(change);
  }

  beforeCommit(hook: BeforeCommit): () => void {
    return this.#transactions.beforeCommit(hook);
  }

  afterCommit(listener: () => void): () => void {
    return this.#transactions.afterCommit(listener);
  }

  put(item: Item): void {
    this.#writing.put(item);
  }

  renew(renewal: Renewal): boolean {
    return this.#writing.renew(renewal);
  }

  isSteady(vertex: Vertex): boolean {
    return this.#transactions.current().steady.has(vertex);
  }

  remove(id: string): void {
    this.#writing.remove(id);
  }

  annotate(id: string, name: string, value: AnnotationValue | undefined): void {
    this.#writing.annotate(id, name, value);
  }

  setKey(index: string, key: string, id: string | undefined): void {
    this.#writing.setKey(index, key, id);
  }

  setSource(family: string, name: string, state: SourceState | undefined): void {
    this.#writing.setSource(family, name, state);
  }

  // --- reading -------------------------------------------------------------------------------------------------------

  get(id: string): Vertex | undefined {
    return this.#vertices.get(id);
  }

  members(type: string, namespace: string): Iterable<Vertex> {
    return this.#vertices.in(type, namespace);
  }

  namespacesOf(type: string): Iterable<string> {
    return this.#vertices.namespacesOf(type);
  }

  counts(): Map<string, number> {
    return this.#vertices.counts();
  }

  standingOf(vertex: Vertex): Standing {
    return this.#standings.of(vertex);
  }

  isKnown(type: string, namespace: string): boolean {
    return this.#standings.isKnown(type, namespace);
  }

  annotations(): Iterable<readonly [string, Annotations]> {
    return this.#annotations.all();
  }

  keys(): Iterable<{ readonly index: string; readonly key: string; readonly id: string }> {
    return this.#resolver.keys();
  }

  completeness(form: 'short' | 'full' = 'short'): string {
    return this.#states.texts()[form];
  }

  outOfStepSince(): string | undefined {
    return this.#states.outOfStepSince();
  }

  families(): Iterable<string> {
    return this.#states.families();
  }

  sources(family: string): ReadonlyMap<string, SourceState> {
    return this.#states.of(family);
  }

  edgeText(edge: Edge): string {
    return this.#writer.edge(edge);
  }

  propertiesOf(vertex: Vertex): string {
    const text = this.#transactions.open()?.properties.get(vertex);
    return text === undefined ? (vertex.version ? textOf(vertex.version) : empty) : String(text);
  }

  bytesByType(): ReadonlyMap<string, number> {
    return this.#commit.bytesByType();
  }

  healthCounts(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    return this.#derivations.healthCounts();
  }

  relationCounts(): ReadonlyMap<string, number> {
    return this.#links.counts();
  }

  get revision(): number {
    return this.#revision;
  }

  get timestamp(): string {
    return this.#timestamp;
  }

  get followedReferences(): number {
    return this.#unheard.followed;
  }

  get selectedRelations(): { readonly wanted: number; readonly shown: number } {
    return this.#sets.counts;
  }

  rows(): { readonly [table: string]: TableSize } {
    return { vertices: this.#rows.table.size, lists: this.#rows.lists.size, ...this.#edges.sizes };
  }

  get relations(): number {
    return this.#links.count;
  }
}

// Joins the graphs of several clusters into one. Ids say the cluster, except those of resources that clusters share. Each cluster
// resolves its relations in its own graph; here they are copied by id. Clusters that name the same image, host or identity meet
// there. What one cluster says of another (an Argo destination by name, exported Services) becomes a relation between them.
// The graph follows every change at once; while it rests it only notes what changed, for `catchUp`.
import type { SourceState } from '../../src/model.ts';
import type { Steps } from '../../src/steps.ts';
import { engineOptionsOf } from '../engine-options.ts';
import { findEdge } from '../graph/engine/edges.ts';
import { createEngine, type Engine, type EngineOptions, type GraphReader } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { Change, RelationEnds } from '../graph/revisions/changes.ts';
import type { Retention } from '../graph/revisions/retention.ts';
import { kinds as registry } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';
import type { Rule } from '../relations/relation.ts';
import { virtualTypes } from '../relations/virtual.ts';
import { createTypeNames, type TypeNames } from '../type-names.ts';
import { idInFleet, idWithin, type NamedClusters } from './fleet-ids.ts';
import { fleetItem, spokenBy } from './fleet-item.ts';
import { isHeld, mergedStates } from './merged-states.ts';
import { ReaderLimits } from './reader-limits.ts';
import { exported } from './service-exports.ts';
import { isItself, isShared } from './shared-types.ts';

/** The graph of one cluster, or the part that a caller may see. */
export interface JoinedGraph {
  readonly engine: GraphReader;
  /** By type. */
  readonly kinds: ReadonlyMap<string, Kind>;
}

/** What was copied from one cluster. */
interface Part {
  readonly cluster: string;
  readonly graph: JoinedGraph;
  /** Fleet ids of the resources that the cluster has. */
  readonly held: Set<string>;
  /** Types of the resources that the cluster has or names. */
  readonly types: Set<string>;
  readonly unfollow: () => void;
  /** Ids (within the cluster) of resources that changed there and were not taken over yet. */
  readonly behind: Set<string>;
  /** The completeness of the cluster changed as well. */
  statesBehind: boolean;
}

export interface FleetGraphOptions {
  /** Clusters by the API server URLs that other clusters use for them. */
  readonly addresses?: ReadonlyMap<string, string> | undefined;
  readonly createdBy: string;
  readonly retention: Retention;
  readonly limits?: ReaderLimits;
  /** Resources copied between two points of interruption. */
  readonly slice?: number;
}

/** Resources to copy between two pauses. */
const usualSlice = 50;

export class FleetGraph {
  readonly engine: Engine;
  readonly engineOptions: EngineOptions;
  readonly names: TypeNames;
  readonly #rules: Rule[] = [exported];
  readonly #parts = new Map<string, Part>();
  /** For each shared resource, the clusters that have it. */
  readonly #holders = new Map<string, Set<string>>();

  readonly #named: NamedClusters;
  readonly #slice: number;
  #resting = false;

  constructor(options: FleetGraphOptions) {
    const { addresses, createdBy, retention, limits = new ReaderLimits(), slice = usualSlice } = options;
    this.#slice = slice;
    this.#named = { clusters: this.#parts, addresses };
    this.names = createTypeNames(registry);
    this.engineOptions = engineOptionsOf({
      ...{ clusterName: 'fleet', createdBy, rules: this.#rules, virtualTypes: Object.keys(virtualTypes) },
      ...{ namespaces: [], names: this.names, clock: Date.now, retention, limit: limits.own },
    });
    this.engine = createEngine(this.engineOptions);
    this.engine.changes.record();
  }

  get clusters(): Iterable<string> {
    return this.#parts.keys();
  }

  /** Replaces what was copied from the cluster by the content of `graph`, and follows it from now on. */
  *join(cluster: string, graph: JoinedGraph): Steps<void> {
    const before = this.#parts.get(cluster);
    before?.unfollow();
    const part: Part = {
      cluster,
      graph,
      held: new Set(),
      types: new Set(graph.engine.order.types().map(({ type }) => type)),
      unfollow: graph.engine.changes.follow((change) => this.#follow(part, change)),
      behind: new Set(),
      statesBehind: false,
    };
    this.#parts.set(cluster, part);
    for (const kind of graph.kinds.values()) this.names.add(kind);
    this.#addRules(graph.engine.rules);
    const leaves = graph.engine.order.types().flatMap((type) => type.leaves);
    const all = presentFirst(leaves.flatMap(({ entries }) => entries.map(({ vertex }) => vertex)));
    for (const some of slicesOf(all, this.#slice)) {
      this.engine.transact(() => some.forEach((vertex) => this.#take(part, vertex)));
      yield;
    }
    this.engine.transact(() => {
      for (const id of before?.held ?? []) if (!part.held.has(id)) this.#drop(cluster, id);
      this.#tellStates();
    });
  }

  /** Sets the states of the clusters' masters, a part of `completeness`. */
  tellClusters(states: ReadonlyMap<string, SourceState>): void {
    this.engine.transact(() => {
      for (const [cluster, state] of states) this.engine.setSource('clusters', cluster, state);
    });
  }

  close(): void {
    for (const { unfollow } of this.#parts.values()) unfollow();
  }

  /** From now on changes are only noted: nobody reads. */
  rest(): void {
    this.#resting = true;
  }

  /** From now on changes are taken over at once. What was noted before takes `catchUp`. */
  wake(): void {
    this.#resting = false;
  }

  /** Resources that changed in their clusters and were not taken over yet. */
  get behind(): number {
    return this.#parts.values().reduce((sum, { behind }) => sum + behind.size, 0);
  }

  /** Takes over what was noted. Afterwards the graph is what it would be had it not rested. */
  *catchUp(): Steps<void> {
    for (const part of this.#parts.values()) {
      while (this.#parts.get(part.cluster) === part && (part.behind.size > 0 || part.statesBehind)) {
        // What changes from here on is noted once more.
        const ids = new Set(part.behind);
        part.behind.clear();
        let taken = false;
        try {
          yield* this.#takeAll(part, ids);
          taken = true;
        } finally {
          if (!taken) for (const id of ids) part.behind.add(id);
        }
      }
    }
  }

  *#takeAll(part: Part, ids: ReadonlySet<string>): Steps<void> {
    const { engine } = part.graph;
    const found = [...ids].flatMap((id) => engine.get(id) ?? []);
    const all = presentFirst(found).map(({ id }) => id);
    for (const some of slicesOf([...all, ...ids.difference(new Set(all))], this.#slice)) {
      this.engine.transact(() => this.#settle(part, some));
      yield;
      if (this.#parts.get(part.cluster) !== part) return;
    }
    this.engine.transact(() => this.#settle(part, []));
  }

  #follow(part: Part, change: Change): void {
    if (this.#parts.get(part.cluster) !== part) return;
    this.#note(part, change);
    if (this.#resting) return;
    this.engine.transact(() => this.#settle(part, [...part.behind]));
    part.behind.clear();
  }

  #note(part: Part, change: Change): void {
    for (const id of this.#touchedBy(part, change)) part.behind.add(id);
    for (const { id } of change.removedResources) {
      // What came and went while nobody looked was never here.
      if (this.engine.get(this.#idOf(part, this.#placeOf(part, id)))) part.behind.add(id);
      else part.behind.delete(id);
    }
    if (isOfOtherTypes(part, change) || change.completeness !== undefined) part.statesBehind = true;
  }

  /** As these resources are now in the cluster, so they are here. */
  #settle(part: Part, ids: readonly string[]): void {
    const { engine } = part.graph;
    for (const vertex of presentFirst(ids.flatMap((id) => engine.get(id) ?? []))) this.#take(part, vertex);
    for (const id of ids) if (!engine.get(id)) this.#drop(part.cluster, this.#idOf(part, this.#placeOf(part, id)));
    if (!part.statesBehind) return;
    part.statesBehind = false;
    this.#tellStates();
  }

  /** Ids of resources whose statements changed: changed resources, and those that stated a changed relation. */
  #touchedBy(part: Part, { resources, relations, removedRelations }: Change): string[] {
    const ofRelations = [...relations, ...removedRelations].flatMap((ends) => this.#speakersOf(part, ends));
    const { engine } = part.graph;
    return [...resources.map(({ id }) => id), ...ofRelations.filter((id) => engine.get(id))];
  }

  /** Ids (within the cluster) of the resources that state the relation there, or stated it here. */
  #speakersOf({ cluster, graph }: Part, { type, source, target }: RelationEnds): string[] {
    const there = graph.engine.get(source.id);
    const now = there && findEdge(there, type, target.id);
    const here = this.engine.get(this.#idOf({ cluster }, this.#placeOf({ graph }, source.id)));
    const to = this.#idOf({ cluster }, this.#placeOf({ graph }, target.id));
    const before = here && findEdge(here, type, to);
    const known = before ? before.claims.map(({ speaker }) => speaker.id) : [];
    return [
      ...(now ? now.claims.map(({ speaker }) => speaker.id) : []),
      ...known.map((id) => idWithin(cluster, id) ?? id),
    ];
  }

  #placeOf({ graph }: Pick<Part, 'graph'>, id: string): Pick<Vertex, 'id' | 'type' | 'name'> {
    const vertex = graph.engine.get(id);
    if (vertex) return vertex;
    const colon = id.indexOf(':');
    return { id, type: id.slice(0, colon), name: id.slice(colon + 1) };
  }

  #idOf({ cluster }: Pick<Part, 'cluster'>, named: Pick<Vertex, 'id' | 'type' | 'name'>): string {
    return idInFleet(this.#named, cluster, named);
  }

  #take(part: Part, vertex: Vertex): void {
    const id = this.#idOf(part, vertex);
    if (!vertex.present) {
      if (part.held.has(id)) this.#drop(part.cluster, id);
      this.#annotate(id, vertex);
      return this.#stampNamed(id, vertex);
    }
    part.held.add(id);
    const holders = this.#holders.get(id) ?? new Set();
    this.#holders.set(id, holders.add(part.cluster));
    if (isShared(vertex) && providerOf(vertex, holders) !== part.cluster) return;
    const spoken = spokenBy(vertex);
    this.engine.put(fleetItem(part.graph.engine, vertex, spoken, (one) => this.#idOf(part, one)));
    this.engine.stamp({ id, resource: vertex.version?.timestamp, relations: undefined });
    this.#annotate(id, vertex);
    for (const { edge } of spoken)
      this.engine.stampRelation(
        this.#idOf(part, edge.source),
        edge.type,
        this.#idOf(part, edge.target),
        edge.timestamp,
      );
  }

  /** Sets since when a resource is named; for a shared one, since the first cluster named it. */
  #stampNamed(id: string, { version }: Vertex): void {
    const here = this.engine.get(id);
    if (!here || here.present || !version) return;
    const known = isShared(here) ? here.version?.timestamp : undefined;
    if (known === undefined || version.timestamp < known)
      this.engine.stamp({ id, resource: version.timestamp, relations: undefined });
  }

  #annotate(id: string, { annotations }: Vertex): void {
    const before = this.engine.get(id)?.annotations;
    for (const name of before?.keys() ?? []) if (!annotations?.has(name)) this.engine.annotate(id, name, undefined);
    for (const [name, { data }] of annotations ?? []) this.engine.annotate(id, name, data);
  }

  /** The cluster no longer has the resource; another may. */
  #drop(cluster: string, id: string): void {
    const part = this.#parts.get(cluster);
    part?.held.delete(id);
    const holders = this.#holders.get(id);
    holders?.delete(cluster);
    const next = providerOf(this.engine.get(id), holders ?? none);
    if (next === undefined) {
      this.#holders.delete(id);
      this.engine.remove(id);
      for (const name of this.engine.get(id)?.annotations?.keys() ?? []) this.engine.annotate(id, name, undefined);
      return;
    }
    const other = this.#parts.get(next);
    const vertex = other?.graph.engine.get(id);
    if (other && vertex) this.#take(other, vertex);
  }

  #addRules(rules: readonly Rule[]): void {
    const known = new Set(this.#rules.map(({ name }) => name));
    this.#rules.push(...rules.filter(({ name }) => !known.has(name)));
  }

  #tellStates(): void {
    const { engine } = this;
    const now = mergedStates([...this.#parts.values()].map(({ cluster, graph }) => ({ cluster, graph: graph.engine })));
    for (const family of engine.families())
      for (const name of [...engine.sources(family).keys()])
        if (!ofItsOwn.has(family) && !now.get(family)?.has(name)) engine.setSource(family, name, undefined);
    for (const [family, states] of now) for (const [name, state] of states) this.#tellState(family, name, state);
  }

  /**
   * The engine keeps the time of an unchanged state. Remove it first: the same state may now come from another cluster with
   * another time.
   */
  #tellState(family: string, name: string, state: SourceState): void {
    const { engine } = this;
    const before = engine.sources(family).get(name);
    if (before && before.since !== state.since) engine.setSource(family, name, undefined);
    engine.setSource(family, name, state);
  }
}

function* slicesOf<T>(all: readonly T[], slice: number): Generator<T[]> {
  for (let from = 0; from < all.length; from += slice) yield all.slice(from, from + slice);
}

/** Puts present resources first: they create the vertices of those that are only named. */
function presentFirst(vertices: Iterable<Vertex>): Vertex[] {
  const all = [...vertices];
  return [...all.filter(({ present }) => present), ...all.filter(({ present }) => !present)];
}

/** Whether the types that the cluster has or names have changed. */
function isOfOtherTypes({ types, graph: { engine } }: Part, { resources, removedResources }: Change): boolean {
  const before = types.size;
  for (const { type, added } of resources) if (added) types.add(type);
  let fewer = false;
  for (const { type } of removedResources) if (types.has(type) && !isHeld(engine, type)) fewer = types.delete(type);
  return fewer || types.size > before;
}

const none: ReadonlySet<string> = new Set();

/** The cluster that provides the content of a shared resource, whichever came first: of a cluster, that one itself. */
function providerOf(
  vertex: Pick<Vertex, 'type' | 'name'> | undefined,
  holders: ReadonlySet<string>,
): string | undefined {
  if (vertex && holders.has(vertex.name) && isItself(vertex, vertex.name)) return vertex.name;
  return [...holders].sort()[0];
}

/** Families that this graph sets itself. */
const ofItsOwn: ReadonlySet<string> = new Set(['clusters', 'relations']);

// The change of a view: the difference between the answers of a query at an older revision and now. It is computed from the
// logged changes alone, so a reader costs nothing while its view does not change: the log has the previous state of
// resources, and the relations that came and went.
import { fault } from '../../../src/errors.ts';
import { findEdge } from '../engine/edges.ts';
import type { GraphReader } from '../engine/engine.ts';
import type { Vertex } from '../model/vertex.ts';
import type { Change, RelationEnds, RemovedResource, Was } from '../revisions/changes.ts';
import { edgesOf } from '../revisions/read-view.ts';
import type { Query, Walk } from './query.ts';
import { testOf } from './select.ts';

/** What was added, changed and removed. */
export interface ViewChanges {
  readonly resources: { readonly added: Vertex[]; readonly changed: Changed[]; readonly removed: string[] };
  readonly relations: { readonly added: Ends[]; readonly changed: Ends[]; readonly removed: Ends[] };
}

interface Changed {
  readonly vertex: Vertex;
  /** As it was at the older revision. */
  readonly before: Was | undefined;
}

export interface Ends {
  readonly type: string;
  readonly source: string;
  readonly target: string;
}

/** A resource, with its previous state if it changed. */
interface Touched {
  readonly place: RemovedResource;
  readonly existed: boolean;
  readonly before: Was | undefined;
}

/** A relation, and whether it existed before. */
interface Relation extends Ends {
  readonly existed: boolean;
  readonly touched: boolean;
}

/** Maximum number of resources within reach of the roots of a followed view. */
const mostReached = 20_000;

/** @throws Fault `query_too_large` if more resources are within reach. */
export function viewChanges(graph: GraphReader, changes: readonly Change[], query: Query): ViewChanges {
  return new Comparison(graph, changes, query).found();
}

class Comparison {
  readonly #graph: GraphReader;
  readonly #query: Query;
  readonly #vertices = new Map<string, Touched>();
  readonly #edges = new Map<string, Relation>();
  /** Changed relations, by each of their ends. */
  readonly #edgesAt = new Map<string, Relation[]>();
  readonly #testNow: (vertex: Vertex) => boolean;
  readonly #testBefore: (was: Was) => boolean;
  readonly #reachedNow: ReadonlySet<string> | undefined;
  readonly #reachedBefore: ReadonlySet<string> | undefined;

  constructor(graph: GraphReader, changes: readonly Change[], query: Query) {
    this.#graph = graph;
    this.#query = query;
    this.#testNow = testOf(
      { of: (vertex) => vertex, standingOf: (vertex) => graph.standingOf(vertex) },
      query.resource,
    );
    this.#testBefore = testOf({ of: (was) => was, standingOf: ({ standing }) => standing }, query.resource);
    for (const change of changes) this.#note(change);
    if (!query.walk) return;
    this.#reachedNow = this.#reach(query.walk, 'now');
    this.#reachedBefore = this.#isWalkTouched(this.#reachedNow) ? this.#reach(query.walk, 'before') : this.#reachedNow;
  }

  found(): ViewChanges {
    const moved = this.#moved();
    const relations = this.#relations(moved);
    return { resources: this.#resources(moved, relations), relations };
  }

  #note({ resources, removedResources, relations, removedRelations }: Change): void {
    const seeEdge = (ends: RelationEnds, existed: boolean) => {
      const key = keyOf(ends.type, ends.source.id, ends.target.id);
      if (this.#edges.has(key)) return;
      const one = { type: ends.type, source: ends.source.id, target: ends.target.id, existed, touched: true };
      this.#edges.set(key, one);
      for (const end of new Set([one.source, one.target])) {
        const at = this.#edgesAt.get(end);
        if (at) at.push(one);
        else this.#edgesAt.set(end, [one]);
      }
    };
    const seeVertex = (place: RemovedResource, existed: boolean, before: Was | undefined) => {
      if (!this.#vertices.has(place.id)) this.#vertices.set(place.id, { place, existed, before });
    };
    for (const one of removedResources) seeVertex(one, true, one.before);
    for (const one of resources) seeVertex(one, !one.added, one.before);
    for (const one of removedRelations) seeEdge(one, true);
    for (const one of relations) seeEdge(one, !one.added);
  }

  // --- resources selected by the query -----------------------------------------------------------------------------------

  #isCoreNow(id: string): boolean {
    const vertex = this.#there(id);
    return vertex !== undefined && (this.#reachedNow?.has(id) ?? true) && this.#testNow(vertex);
  }

  #wasCore(id: string): boolean {
    if (this.#reachedBefore && !this.#reachedBefore.has(id)) return false;
    const touched = this.#vertices.get(id);
    if (touched) return touched.before !== undefined && this.#testBefore(touched.before);
    const vertex = this.#there(id);
    return vertex !== undefined && this.#testNow(vertex);
  }

  #there(id: string): Vertex | undefined {
    const vertex = this.#graph.get(id);
    return vertex?.version ? vertex : undefined;
  }

  /** Resources that entered or left the view. */
  #moved(): Set<string> {
    const open = new Set(this.#vertices.keys());
    if (this.#reachedNow && this.#reachedBefore && this.#reachedNow !== this.#reachedBefore)
      for (const id of this.#reachedNow.symmetricDifference(this.#reachedBefore)) open.add(id);
    const moved = new Set<string>();
    for (const id of open) if (this.#isCoreNow(id) !== this.#wasCore(id)) moved.add(id);
    return moved;
  }

  // --- relations -------------------------------------------------------------------------------------------------------

  #relations(moved: ReadonlySet<string>): ViewChanges['relations'] {
    const found: ViewChanges['relations'] = { added: [], changed: [], removed: [] };
    const seen = new Set<string>();
    for (const one of this.#candidates(moved)) {
      const key = keyOf(one.type, one.source, one.target);
      if (seen.has(key)) continue;
      seen.add(key);
      if (this.#query.relation && !this.#query.relation(one.type)) continue;
      const { type, source, target } = one;
      const was = one.existed && this.#isBetween(this.#wasCore(source), this.#wasCore(target));
      const is = this.#exists(one) && this.#isBetween(this.#isCoreNow(source), this.#isCoreNow(target));
      if (is && !was) found.added.push({ type, source, target });
      else if (was && !is) found.removed.push({ type, source, target });
      else if (is && one.touched) found.changed.push({ type, source, target });
    }
    return found;
  }

  *#candidates(moved: ReadonlySet<string>): Generator<Relation> {
    yield* this.#edges.values();
    for (const id of moved) yield* this.#around(id);
  }

  /** Unchanged relations of a resource. */
  *#around(id: string): Generator<Relation> {
    const vertex = this.#graph.get(id);
    if (!vertex) return;
    for (const { type, source, target } of edgesOf(vertex, 'both'))
      if (!this.#edges.has(keyOf(type, source.id, target.id)))
        yield { type, source: source.id, target: target.id, existed: true, touched: false };
  }

  #isBetween(source: boolean, target: boolean): boolean {
    return this.#query.neighbours ? source || target : source && target;
  }

  #exists({ type, source, target }: Ends): boolean {
    const vertex = this.#graph.get(source);
    return vertex !== undefined && findEdge(vertex, type, target) !== undefined;
  }

  // --- resources -------------------------------------------------------------------------------------------------------

  #resources(moved: ReadonlySet<string>, relations: ViewChanges['relations']): ViewChanges['resources'] {
    const found: ViewChanges['resources'] = { added: [], changed: [], removed: [] };
    const open = new Set([...this.#vertices.keys(), ...moved]);
    if (this.#query.neighbours)
      for (const { source, target } of [...relations.added, ...relations.removed]) open.add(source).add(target);
    for (const id of open) {
      const was = this.#wasCore(id) || this.#wasNeighbour(id);
      const is = this.#isCoreNow(id) || this.#isNeighbourNow(id);
      const vertex = this.#there(id);
      if (vertex && is && !was) found.added.push(vertex);
      else if (vertex && is && this.#vertices.has(id))
        found.changed.push({ vertex, before: this.#vertices.get(id)?.before });
      else if (was && !is) found.removed.push(id);
    }
    return found;
  }

  #isNeighbourNow(id: string): boolean {
    const vertex = this.#query.neighbours ? this.#there(id) : undefined;
    if (!vertex) return false;
    for (const { type, source, target } of edgesOf(vertex, 'both'))
      if (this.#follows(type) && this.#isCoreNow(source.id === id ? target.id : source.id)) return true;
    return false;
  }

  #wasNeighbour(id: string): boolean {
    if (!this.#query.neighbours || this.#vertices.get(id)?.existed === false) return false;
    for (const { type, source, target } of this.#relationsBefore(id))
      if (this.#follows(type) && this.#wasCore(source === id ? target : source)) return true;
    return false;
  }

  #follows(type: string): boolean {
    return this.#query.relation?.(type) ?? true;
  }

  *#relationsBefore(id: string): Generator<Ends> {
    yield* this.#around(id);
    for (const one of this.#edgesAt.get(id) ?? []) if (one.existed) yield one;
  }

  // --- resources within reach of the roots -------------------------------------------------------------------------------

  /** Whether relations changed at resources that are, or may have been, within reach. */
  #isWalkTouched(reached: ReadonlySet<string>): boolean {
    for (const one of this.#edges.values())
      if (one.existed !== this.#exists(one) && (reached.has(one.source) || reached.has(one.target))) return true;
    for (const root of this.#query.walk?.roots ?? []) if (this.#vertices.has(root)) return true;
    return false;
  }

  #reach({ roots, direction, depth }: Walk, moment: 'now' | 'before'): ReadonlySet<string> {
    const found = new Set(roots.filter((id) => (moment === 'now' ? this.#there(id) : this.#wasThere(id))));
    let border = [...found];
    for (let distance = 1; distance <= depth && border.length > 0; distance++) {
      const next: string[] = [];
      for (const id of border)
        for (const { type, source, target } of moment === 'now' ? this.#relationsNow(id) : this.#relationsBefore(id)) {
          const to =
            source === id ? (direction === 'up' ? undefined : target) : direction === 'down' ? undefined : source;
          if (to === undefined || !this.#follows(type) || found.has(to)) continue;
          found.add(to);
          next.push(to);
        }
      if (found.size > mostReached) throw tooFar();
      border = next;
    }
    return found;
  }

  *#relationsNow(id: string): Generator<Ends> {
    const vertex = this.#graph.get(id);
    if (!vertex) return;
    for (const { type, source, target } of edgesOf(vertex, 'both'))
      yield { type, source: source.id, target: target.id };
  }

  #wasThere(id: string): boolean {
    return this.#vertices.get(id)?.existed ?? this.#there(id) !== undefined;
  }
}

function tooFar(): Error {
  return fault('query_too_large', {
    reason: `more than ${mostReached} resources are within reach of the roots`,
    hint: 'a smaller depth, a direction or relation= would fit',
  });
}

function keyOf(type: string, source: string, target: string): string {
  return `${source}\n${type}\n${target}`;
}

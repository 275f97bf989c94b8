// All groups of one grouping, kept: built once, in turns, on first use, then updated with each revision at the cost of what that
// touches. The result equals a fresh count, except that a group's timestamp is that of its last change, even if what changed is
// gone.
//
// The graph changes while the index is built: first every resource gets its place, then the relations of one after another
// count, each with its source. What changes about a source that has not had its turn counts in its turn.
import { every, type Steps } from '../../../src/steps.ts';
import type { GraphReader } from '../engine/engine.ts';
import { separator } from '../engine/json.ts';
import type { Vertex } from '../model/vertex.ts';
import {
  type Group,
  type GroupList,
  GroupTable,
  type ListOptions,
  type Pair,
  type Share,
} from '../questions/group-table.ts';
import type { Keying, KeyingView } from '../questions/groups.ts';
import type { Change, RelationEnds } from '../revisions/changes.ts';
import { edgesOf } from '../revisions/read-view.ts';
import { entriesOf } from '../revisions/snapshot.ts';

/** The group of a resource and what it adds to it; equal places share one object. */
interface Place extends Share {
  readonly group: Group;
}

type Moment = Pick<Change, 'timestamp' | 'revision'>;

export interface GroupIndexOptions {
  readonly by: string;
  readonly keying: Keying;
  readonly zones: KeyingView['zones'];
}

export interface KeptGroups extends GroupList {
  readonly revision: number;
  readonly timestamp: string;
  /** JSON text. */
  readonly completeness: string;
}

/** Changes since a revision: texts without separators; ids and ends of removed ones. */
export interface GroupChanges {
  readonly revision: number;
  readonly timestamp: string;
  readonly resources: { readonly added: string[]; readonly changed: string[]; readonly removed: string[] };
  readonly relations: { readonly added: string[]; readonly changed: string[]; readonly removed: string[] };
}

/** Maximum number of removed entries remembered for followers. */
const mostGone = 20_000;
/** Resources and relations looked at between two pauses. */
const often = 256;

export class GroupIndex {
  readonly #graph: GraphReader;
  readonly #keying: Keying;
  readonly #keysOf: (vertex: Vertex) => readonly string[];
  readonly #table: GroupTable;
  /** By resource id. */
  readonly #places = new Map<string, Place>();
  readonly #shared = new Map<Group, Map<string, Place>>();
  /** Resources whose relations do not count yet; undefined once it is built. */
  #uncounted: Set<string> | undefined = new Set();
  /** Whether a resource that comes now counts its relations at once. */
  #placed = false;
  /** Texts of removed entries, with the revision of their removal. */
  #goneGroups = new Map<string, number>();
  #gonePairs = new Map<string, number>();
  /** Changes up to this revision are unknown. */
  #from = 0;
  #unfollow: (() => void) | undefined;

  constructor(graph: GraphReader, { by, keying, zones }: GroupIndexOptions) {
    this.#graph = graph;
    this.#keying = keying;
    this.#table = new GroupTable(by);
    this.#keysOf = keying.keys({ undoLog: { of: (vertex) => vertex }, zones });
  }

  /** Counts existing resources. Run it once, to its end. */
  *make(): Steps<void> {
    const { changes, order } = this.#graph;
    changes.record();
    this.#unfollow = changes.follow((change) => this.#apply(change));
    const pause = every(often);
    for (const { vertex } of entriesOf({ types: order.types() })) {
      // Resources removed meanwhile are counted nowhere; changed ones have their place already.
      if (vertex.version && !this.#places.has(vertex.id)) this.#enter(vertex, vertex.version.timestamp, 0);
      if (pause()) yield;
    }
    this.#placed = true;
    yield* this.#countAll();
    this.#from = this.#graph.revision;
    yield* this.#table.list({ relations: true });
  }

  /** Relations of resources that came with a place of their own are counted already. */
  *#countAll(): Steps<void> {
    const pause = every(often);
    for (const id of this.#uncounted ?? []) {
      this.#uncounted?.delete(id);
      const vertex = this.#graph.get(id);
      const place = this.#places.get(id);
      if (!vertex || !place) continue;
      for (const { type, target, timestamp } of edgesOf(vertex, 'out')) {
        const other = this.#places.get(target.id);
        if (other) this.#count(place.group, other.group, type, 1, timestamp, 0);
        pause();
      }
      if (pause()) yield;
    }
    this.#uncounted = undefined;
  }

  close(): void {
    this.#unfollow?.();
    this.#places.clear();
  }

  /** The current groups. Restarts if the graph changes meanwhile, since an answer is of one revision. */
  *list(options: ListOptions): Steps<KeptGroups> {
    for (let tries = 0; ; tries++) {
      const { revision, timestamp } = this.#graph;
      const steps = this.#table.list(options);
      let step = steps.next();
      while (!step.done) {
        if (tries < patience) yield;
        step = steps.next();
      }
      if (this.#graph.revision === revision)
        return { ...step.value, revision, timestamp, completeness: this.#graph.completeness() };
    }
  }

  /** Changes after `revision`; undefined if they are no longer known. */
  since(after: number, relations: boolean): GroupChanges | undefined {
    if (after < this.#from) return undefined;
    const { revision, timestamp } = this.#graph;
    const list = () => ({ added: [] as string[], changed: [] as string[], removed: [] as string[] });
    const found = { revision, timestamp, resources: list(), relations: list() };
    for (const group of this.#table.all()) {
      if (group.changed > after) tell(found.resources, group.since > after, this.#table.groupText(group));
      if (!relations) continue;
      for (const pair of group.to.values())
        if (pair.changed > after && pair.target !== group)
          tell(found.relations, pair.since > after, this.#table.pairText(pair));
    }
    for (const [id, gone] of this.#goneGroups) if (gone > after) found.resources.removed.push(JSON.stringify(id));
    if (relations) for (const [ends, gone] of this.#gonePairs) if (gone > after) found.relations.removed.push(ends);
    return found;
  }

  // --- one revision ----------------------------------------------------------------------------------------------------

  #apply(change: Change): void {
    for (const ends of change.removedRelations) this.#relation(ends, -1, change);
    for (const one of change.relations) if (one.added) this.#relation(one, 1, change);
    for (const { id } of change.removedResources) this.#leave(id, change);
    const open = new Set<Vertex>();
    for (const { id } of change.resources) this.#open(open, id);
    // A container is placed by its holder.
    for (const { type, target } of change.relations) if (type === 'contains') this.#open(open, target.id);
    for (const { type, target } of change.removedRelations) if (type === 'contains') this.#open(open, target.id);
    for (const vertex of open) this.#settle(vertex, open, change);
    this.#forget();
  }

  #open(open: Set<Vertex>, id: string): void {
    const vertex = this.#graph.get(id);
    if (vertex?.version) open.add(vertex);
  }

  #settle(vertex: Vertex, open: Set<Vertex>, { timestamp, revision }: Change): void {
    const before = this.#places.get(vertex.id);
    if (!before) this.#enter(vertex, timestamp, revision);
    else this.#move(vertex, before, this.#placeOf(vertex, revision), timestamp, revision);
    if (before && before.group === this.#places.get(vertex.id)?.group) return;
    for (const other of this.#keying.dependents?.(vertex) ?? []) if (other.version) open.add(other);
  }

  #move(vertex: Vertex, before: Place, now: Place, timestamp: string, revision: number): void {
    if (before === now) return;
    this.#table.count(before.group, before, -1, timestamp, revision);
    this.#table.count(now.group, now, 1, timestamp, revision);
    this.#places.set(vertex.id, now);
    if (before.group === now.group) return;
    const at = { timestamp, revision };
    for (const { type, source, target } of edgesOf(vertex, 'both')) {
      if (!this.#isCounted(source.id)) continue;
      if (source !== vertex) this.#moveEnd(type, source, before.group, now.group, at);
      else if (target !== vertex) this.#moveEnd(type, target, before.group, now.group, { ...at, out: true });
    }
    // A self-relation appears in both directions above.
    for (const { type, target } of this.#isCounted(vertex.id) ? edgesOf(vertex, 'out') : []) {
      if (target !== vertex) continue;
      this.#count(before.group, before.group, type, -1, timestamp, revision);
      this.#count(now.group, now.group, type, 1, timestamp, revision);
    }
    this.#drop(before.group, revision);
  }

  #moveEnd(type: string, end: Vertex, before: Group, now: Group, at: Moment & { readonly out?: boolean }): void {
    const other = this.#places.get(end.id)?.group;
    if (!other) return;
    const { timestamp, revision, out = false } = at;
    this.#count(out ? before : other, out ? other : before, type, -1, timestamp, revision);
    this.#count(out ? now : other, out ? other : now, type, 1, timestamp, revision);
  }

  #enter(vertex: Vertex, timestamp: string, revision: number): void {
    const place = this.#placeOf(vertex, revision);
    this.#table.count(place.group, place, 1, timestamp, revision);
    if (this.#placed) this.#countBoth(vertex, place, timestamp, revision);
    else this.#uncounted?.add(vertex.id);
    this.#places.set(vertex.id, place);
  }

  /** Before the resource has its place. */
  #countBoth(vertex: Vertex, place: Place, timestamp: string, revision: number): void {
    for (const { type, target } of edgesOf(vertex, 'out')) {
      const other = target === vertex ? place : this.#places.get(target.id);
      if (other) this.#count(place.group, other.group, type, 1, timestamp, revision);
    }
    for (const { type, source } of vertex.in) {
      const other = this.#isCounted(source.id) ? this.#places.get(source.id) : undefined;
      if (other) this.#count(other.group, place.group, type, 1, timestamp, revision);
    }
  }

  /** Whether relations from this resource count already. */
  #isCounted(id: string): boolean {
    return this.#uncounted === undefined || (this.#places.has(id) && !this.#uncounted.has(id));
  }

  /** The relations of the resource were removed before. */
  #leave(id: string, { timestamp, revision }: Change): void {
    const place = this.#places.get(id);
    if (!place) return;
    this.#places.delete(id);
    this.#uncounted?.delete(id);
    this.#table.count(place.group, place, -1, timestamp, revision);
    this.#drop(place.group, revision);
  }

  #relation({ type, source, target }: RelationEnds, by: 1 | -1, { timestamp, revision }: Change): void {
    if (!this.#isCounted(source.id)) return;
    const from = this.#places.get(source.id);
    const to = this.#places.get(target.id);
    if (from && to) this.#count(from.group, to.group, type, by, timestamp, revision);
  }

  #count(source: Group, target: Group, type: string, by: 1 | -1, timestamp: string, revision: number): void {
    const pair = this.#table.pair(source, target, timestamp, revision);
    this.#table.countRelation(pair, type, by, timestamp, revision);
    if (source === target) return;
    if (pair.types.size === 0) this.#gonePairs.set(this.#endsOf(pair), revision);
    else if (by > 0 && this.#gonePairs.size > 0) this.#gonePairs.delete(this.#endsOf(pair));
  }

  #endsOf({ source, target }: Pair): string {
    return JSON.stringify({ type: 'relates', source: this.#table.idOf(source), target: this.#table.idOf(target) });
  }

  #drop(group: Group, revision: number): void {
    if (!this.#table.dropEmpty(group)) return;
    this.#shared.delete(group);
    this.#goneGroups.set(this.#table.idOf(group), revision);
  }

  #placeOf(vertex: Vertex, revision: number): Place {
    const group = this.#table.named(this.#keysOf(vertex)[0] ?? '', revision);
    if (group.count === 0 && this.#goneGroups.size > 0) this.#goneGroups.delete(this.#table.idOf(group));
    const isMissing = this.#graph.standingOf(vertex) === 'missing';
    const health = vertex.health?.state;
    const key = `${vertex.type} ${health ?? ''}${isMissing ? ' missing' : ''}`;
    let shared = this.#shared.get(group);
    if (!shared) this.#shared.set(group, (shared = new Map()));
    let place = shared.get(key);
    if (!place) shared.set(key, (place = { group, type: vertex.type, health, isMissing }));
    return place;
  }

  #forget(): void {
    if (this.#goneGroups.size + this.#gonePairs.size <= mostGone) return;
    this.#goneGroups = new Map();
    this.#gonePairs = new Map();
    this.#from = this.#graph.revision + 1;
  }
}

/** Attempts to list in turns before it lists in one go. */
const patience = 3;

function tell(lists: { added: string[]; changed: string[] }, isNew: boolean, text: string): void {
  lists[isNew ? 'added' : 'changed'].push(text.slice(0, -separator.length));
}

// At which revision a part of the graph last changed, for conditional requests about that part. Computed from the log of changes
// on request, so that a change costs nothing here.
import type { GraphReader } from '../engine/engine.ts';
import type { Change } from '../revisions/changes.ts';

/** What of the graph an answer depends on; what is left out is everything. */
export interface Part {
  readonly type?: ((type: string) => boolean) | undefined;
  readonly namespace?: ((namespace: string) => boolean) | undefined;
  /** Resources alone: relations of theirs may come and go. */
  readonly bare?: boolean;
}

/** More changes than this since the last question are not looked at: then everything counts as changed. */
const mostChanges = 20_000;
/** Types and namespaces that are remembered; clusters that make namespaces without end forget the oldest together. */
const mostNames = 50_000;

const kept = new WeakMap<GraphReader, PartRevisions>();

export function partRevisions(graph: GraphReader): PartRevisions {
  const known = kept.get(graph);
  if (known) return known;
  const made = new PartRevisions(graph);
  kept.set(graph, made);
  return made;
}

export class PartRevisions {
  readonly #graph: GraphReader;
  /** The revision that is looked at already. */
  #seen: number;
  /** What is not in the maps did not change after it. */
  #floor: number;
  /** What every answer says changed then. */
  #everywhere = 0;
  readonly #resources = new Places();
  /** By the relation's source. */
  readonly #relations = new Places();

  constructor(graph: GraphReader) {
    this.#graph = graph;
    this.#seen = graph.revision;
    this.#floor = graph.revision;
  }

  /**
   * The part is now as it was at this revision. It may be larger than the last change of the part, never smaller: a change in
   * a type and in a namespace need not be one in both.
   */
  of({ type, namespace, bare = false }: Part): number {
    this.#catchUp();
    const places = bare ? [this.#resources] : [this.#resources, this.#relations];
    const newest = places.map((each) => each.newest(type, namespace, this.#floor));
    return Math.min(this.#graph.revision, Math.max(this.#everywhere, ...newest));
  }

  #catchUp(): void {
    const { changes, revision } = this.#graph;
    if (revision === this.#seen) return;
    const missed = revision - this.#seen <= mostChanges ? changes.since(this.#seen) : undefined;
    this.#seen = revision;
    if (missed === undefined || this.#resources.size + this.#relations.size > mostNames) return this.#forget(revision);
    for (const change of missed) this.#look(change);
  }

  #forget(revision: number): void {
    this.#floor = revision;
    this.#resources.clear();
    this.#relations.clear();
  }

  #look({ revision, resources, removedResources, relations, removedRelations, completeness }: Change): void {
    if (completeness !== undefined) this.#everywhere = revision;
    for (const each of [...resources, ...removedResources]) this.#resources.note(each, revision);
    for (const { source } of [...relations, ...removedRelations]) this.#relations.note(source, revision);
  }
}

/** When something last changed, by type and by namespace. */
class Places {
  readonly #types = new Map<string, number>();
  readonly #namespaces = new Map<string, number>();

  get size(): number {
    return this.#types.size + this.#namespaces.size;
  }

  note({ type, namespace }: { readonly type: string; readonly namespace: string }, revision: number): void {
    this.#types.set(type, revision);
    this.#namespaces.set(namespace, revision);
  }

  newest(type: Part['type'], namespace: Part['namespace'], floor: number): number {
    const byType = type ? newest(this.#types, type, floor) : Number.POSITIVE_INFINITY;
    const byNamespace = namespace ? newest(this.#namespaces, namespace, floor) : Number.POSITIVE_INFINITY;
    return Math.min(byType, byNamespace);
  }

  clear(): void {
    this.#types.clear();
    this.#namespaces.clear();
  }
}

function newest(revisions: ReadonlyMap<string, number>, isPart: (name: string) => boolean, floor: number): number {
  let found = floor;
  for (const [name, revision] of revisions) if (revision > found && isPart(name)) found = revision;
  return found;
}

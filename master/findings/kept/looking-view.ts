// What a rule sees of the graph, and a note of all that it looked at: when that changes, the rule is asked again.
import { isRecord } from '../../../src/fields.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { GraphReader } from '../../graph/contract.ts';
import type { Edge, Vertex } from '../../graph/model/vertex.ts';
import { edgesOf } from '../../graph/revisions/read-view.ts';
import type { AcceptancesSeen, FindingView, ObjectFields } from '../finding-rule.ts';
import { lookedAt } from './dependencies.ts';

/** A rule could not tell. */
export class Undecidable extends Error {}

/** Owners above owners: a longer chain is no real one. */
const highest = 16;
/** A static Pod's mirror is owned by its Node, a slice by its Service: they are no workloads. */
const noRoots: ReadonlySet<string> = new Set(['Node', 'Service']);
const ownerships = ['owns', 'monitors'] as const;

export interface LookingOptions {
  readonly graph: GraphReader;
  readonly now: number;
  /** Kept of a resource from one time to the next. */
  readonly memoryOf: (rule: string, make: (() => object) | undefined) => object | undefined;
  readonly acceptances: AcceptancesSeen;
  /** False for what looks at the whole graph: it is asked again in any case. */
  readonly noting?: boolean;
}

/** Objects that are kept read while one rule is asked. */
const mostObjects = 64;

/** Notes nothing. */
class Unnoted extends Set<string> {
  override add(): this {
    return this;
  }
}

export class LookingView implements FindingView {
  readonly now: number;
  /** All that was looked at, in the words of `lookedAt`. */
  readonly looked: Set<string>;
  readonly acceptances: AcceptancesSeen;
  /** What is named, and not known to be there or not, with the reason. */
  readonly unsure = new Map<string, string>();
  /** The first moment at which time alone makes another answer. */
  due = Number.POSITIVE_INFINITY;
  readonly #graph: GraphReader;
  readonly #objects = new Map<Vertex, ObjectFields>();
  readonly #memoryOf: LookingOptions['memoryOf'];
  #rule = '';

  constructor({ graph, now, memoryOf, acceptances, noting = true }: LookingOptions) {
    this.looked = noting ? new Set() : new Unnoted();
    this.acceptances = acceptances;
    this.#graph = graph;
    this.now = now;
    this.#memoryOf = memoryOf;
  }

  /** To be called before each rule: what it reads of an object is read once for all of them. */
  begin(rule: string): void {
    this.#rule = rule;
    this.unsure.clear();
  }

  get(id: string): Vertex | undefined {
    this.looked.add(lookedAt.itself(id));
    return this.#graph.get(id);
  }

  look<V extends Vertex | undefined>(vertex: V): V {
    if (vertex) this.looked.add(lookedAt.itself(vertex.id));
    return vertex;
  }

  object(vertex: Vertex): ObjectFields {
    const known = this.#objects.get(vertex);
    if (known) return known;
    this.look(vertex);
    const read: unknown = JSON.parse(this.#graph.propertiesOf(vertex));
    const object = isRecord(read) ? read : {};
    if (this.#objects.size >= mostObjects) this.#objects.clear();
    this.#objects.set(vertex, object);
    return object;
  }

  mentions(vertex: Vertex, text: string): boolean {
    return this.#graph.propertiesOf(this.look(vertex)).includes(text);
  }

  /** In the order of ids: the same graph gives the same words. */
  *members(type: string, namespace?: string): Iterable<Vertex> {
    this.looked.add(namespace === undefined ? lookedAt.allOf(type) : lookedAt.members(type, namespace));
    if (namespace !== undefined) return yield* [...this.#graph.members(type, namespace)].sort(idOrder);
    const of = this.#graph.order.types().find((each) => each.type === type);
    for (const { entries } of of?.leaves ?? []) for (const { vertex } of entries) if (vertex.present) yield vertex;
  }

  *everything(): Iterable<Vertex> {
    for (const type of this.#graph.counts().keys()) yield* this.members(type);
  }

  *out(vertex: Vertex, ...types: readonly string[]): Iterable<Edge> {
    this.looked.add(lookedAt.out(vertex.id));
    for (const { edges } of vertex.out) {
      // A block is sorted by type: of a Namespace, which contains thousands, the others are passed over.
      if (types.length === 1 && !mayHold(edges, types[0] as string)) continue;
      for (const edge of edges) if (types.length === 0 || types.includes(edge.type)) yield edge;
    }
  }

  /** In the order of their sources: the graph keeps them in none. */
  *into(vertex: Vertex, ...types: readonly string[]): Iterable<Edge> {
    this.looked.add(lookedAt.into(vertex.id));
    const found: Edge[] = [];
    for (const edge of edgesOf(vertex, 'in')) if (types.length === 0 || types.includes(edge.type)) found.push(edge);
    yield* found.length > 1 ? found.sort(sourceOrder) : found;
  }

  isMissing(vertex: Vertex): boolean {
    this.look(vertex);
    const standing = this.#graph.standingOf(vertex);
    if (standing === 'unverified') {
      // What passes by itself changes nothing: what was found stays, and nothing new is.
      this.settled(vertex.type);
      this.unsure.set(vertex.id, `${vertex.type} is ${this.#stateOf(vertex.type)}`);
    }
    return standing === 'missing';
  }

  settled(...kinds: readonly string[]): void {
    for (const kind of kinds) {
      this.looked.add(lookedAt.kind(kind));
      const state = this.#stateOf(kind);
      if (state === 'stale' || state === 'syncing') throw new Undecidable(`${kind} is ${state}`);
    }
  }

  #stateOf(type: string): string {
    return this.#graph.sources('kinds').get(type)?.state ?? 'not read';
  }

  isKnown(type: string, namespace: string): boolean {
    this.looked.add(lookedAt.kind(type));
    return this.#graph.isKnown(type, namespace);
  }

  fieldOf({ claims }: Edge): string {
    let field: string | undefined;
    for (const { reason } of claims) if (field === undefined || reason.field < field) field = reason.field;
    return field ?? '';
  }

  annotationsOf(edge: Edge): { readonly [name: string]: unknown } {
    const text = this.#graph.edgeText(edge);
    const read = JSON.parse(text.slice(0, text.lastIndexOf('}') + 1)) as { readonly annotations?: unknown };
    return isRecord(read.annotations) ? read.annotations : {};
  }

  flagsOf({ claims }: Edge): number {
    let flags = -1;
    for (const { reason } of claims) flags &= reason.flags;
    return flags === -1 ? 0 : flags;
  }

  rootOf(vertex: Vertex): Vertex {
    let root = vertex;
    for (let n = 0; n < highest; n++) {
      const owner = this.#ownerOf(root);
      if (!owner) return root;
      root = owner;
    }
    return vertex;
  }

  isPast(timestamp: unknown, ms: number): boolean {
    const since = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
    if (Number.isNaN(since)) return false;
    if (since + ms <= this.now) return true;
    this.due = Math.min(this.due, since + ms);
    return false;
  }

  memory<T extends object>(make: () => T): T {
    return this.#memoryOf(this.#rule, make) as T;
  }

  remembered<T extends object>(): T | undefined {
    return this.#memoryOf(this.#rule, undefined) as T | undefined;
  }

  undecided(reason: string): never {
    throw new Undecidable(reason);
  }

  /** Of several the first by id: the same whatever the order they came in. */
  #ownerOf(vertex: Vertex): Vertex | undefined {
    let found: Vertex | undefined;
    for (const { source } of this.into(vertex, ...ownerships)) {
      if (!source.present || noRoots.has(source.type)) continue;
      if (!found || source.id < found.id) found = source;
    }
    return found;
  }
}

function mayHold(edges: readonly Edge[], type: string): boolean {
  return (edges.at(-1)?.type ?? '') >= type && (edges[0]?.type ?? '') <= type;
}

function idOrder(a: Vertex, b: Vertex): number {
  return textOrder(a.id, b.id);
}

function sourceOrder(a: Edge, b: Edge): number {
  return textOrder(a.source.id, b.source.id) || textOrder(a.type, b.type);
}

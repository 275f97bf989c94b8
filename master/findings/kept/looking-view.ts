// The graph as a rule sees it. It records everything the rule looked at, so that the rule runs again when that changes.
import { digestOf } from '../../../src/digest.ts';
import { isRecord } from '../../../src/fields.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { GraphReader } from '../../graph/contract.ts';
import type { Block } from '../../graph/engine/edges.ts';
import type { Edge, Vertex } from '../../graph/model/vertex.ts';
import type { Facets } from '../../graph/revisions/changes.ts';
import { virtualTypes } from '../../relations/virtual.ts';
import type { AcceptancesSeen, Choice, FindingView, ObjectFields } from '../finding-rule.ts';
import type { Choices } from './choices.ts';
import { type Looked, together } from './dependencies.ts';
import { isOfFiles } from './knowledge.ts';
import { newestTimeIn } from './newest-time.ts';
import type { Objects } from './objects.ts';
import { objectTextIn, plainStringsIn, stringIn } from './stored-text.ts';

/** A rule cannot decide. Thrown for each of thousands of resources, so it has no trace. */
export class Undecidable extends Error {
  constructor(reason: string) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(reason);
    Error.stackTraceLimit = limit;
  }
}

/** Maximum length of a chain of owners; real ones are shorter. */
const highest = 16;
/** These own mirror Pods and EndpointSlices but are no workloads. */
const noRoots: ReadonlySet<string> = new Set(['Node', 'Service']);
const ownerships: ReadonlySet<string> = new Set(['owns', 'monitors']);
/** Stands for relations of every type. */
export const everyType = '*';
const allTypes = [everyType];
/** What rules looked at when they examined resources of one type. Few, and the same for all of these. */
export interface Reads {
  /** Types of the resource's own relations; `everyType` for all. */
  readonly out: Set<string>;
  readonly into: Set<string>;
  /** Kinds that must be completely known. */
  readonly kinds: Set<string>;
}

export function newReads(): Reads {
  return { out: new Set(), into: new Set(), kinds: new Set() };
}

/** Edge lists up to this length are built once for all rules. */
const fewEdges = 64;

export interface LookingOptions {
  readonly graph: GraphReader;
  /** The memory of a resource between two runs. */
  readonly memoryOf: (name: string, id: string, make: (() => object) | undefined) => object | undefined;
  readonly acceptances: AcceptancesSeen;
  readonly objects: Objects;
  readonly choices: Choices;
  /** Records the dependencies; undefined for rules on the whole graph, which run again anyway. */
  readonly looked?: Looked;
}

/** One view serves all resources in turn: call `turnTo` for each. */
export class LookingView implements FindingView {
  now = 0;
  readonly acceptances: AcceptancesSeen;
  /** Ids that are named but not known to exist or not, with the reason. */
  readonly unsure = new Map<string, string>();
  /** The first time at which a time limit changes the result. */
  due = Number.POSITIVE_INFINITY;
  #reads: Reads = newReads();
  readonly #looked: Looked | undefined;
  /** The resource under examination. Looks at its own relations are recorded only by `readsOut` and `readsInto`. */
  #subject = '';
  /** Of files, which do not change. */
  #newest: number | undefined;
  /** Whether it has a relation to something absent, once a rule asked. */
  #subjectLacks: boolean | undefined;
  readonly #graph: GraphReader;
  readonly #objects: Objects;
  readonly #choices: Choices;
  readonly #out = new Map<Vertex, readonly Edge[]>();
  readonly #into = new Map<Vertex, readonly Edge[]>();
  readonly #memoryOf: LookingOptions['memoryOf'];
  #rule = '';

  constructor({ graph, memoryOf, acceptances, objects, choices, looked }: LookingOptions) {
    this.acceptances = acceptances;
    this.#graph = graph;
    this.#memoryOf = memoryOf;
    this.#objects = objects;
    this.#choices = choices;
    this.#looked = looked;
  }

  /** Starts the examination of another resource. What rules look at for all resources of its type is added to `reads`. */
  turnTo(subject: string, now: number, reads = newReads()): void {
    this.#subject = subject;
    this.now = now;
    this.due = Number.POSITIVE_INFINITY;
    this.#reads = reads;
    this.#subjectLacks = undefined;
    this.#looked?.clear();
    if (this.#out.size > 0) this.#out.clear();
    if (this.#into.size > 0) this.#into.clear();
  }

  /** Call before each rule. What the rules of one subject look at is read only once. */
  begin(rule: string): void {
    this.#rule = rule;
    if (this.unsure.size > 0) this.unsure.clear();
  }

  get(id: string): Vertex | undefined {
    this.#lookAt(id);
    return this.#graph.get(id);
  }

  look<V extends Vertex | undefined>(vertex: V): V {
    if (vertex) this.#lookAt(vertex.id);
    return vertex;
  }

  facets(vertex: Vertex): Facets {
    if (vertex.id !== this.#subject) this.#looked?.facets.add(vertex.id);
    return vertex;
  }

  object(vertex: Vertex): ObjectFields {
    this.#lookAt(vertex.id);
    return this.#objects.of(vertex);
  }

  specAlone(vertex: Vertex): ObjectFields {
    this.#lookAt(vertex.id);
    return this.#objects.specOf(vertex);
  }

  mentions(vertex: Vertex, text: string): boolean {
    this.#lookAt(vertex.id);
    return this.#objects.mention(vertex, text);
  }

  stringIn(vertex: Vertex, name: string): string | undefined {
    this.#lookAt(vertex.id);
    return stringIn(this.#objects.text(vertex), name);
  }

  plainStringsIn(vertex: Vertex, name: string): readonly string[] | undefined {
    this.#lookAt(vertex.id);
    return plainStringsIn(this.#objects.text(vertex), name);
  }

  digestIn(vertex: Vertex, name: string): string {
    this.#lookAt(vertex.id);
    const part = objectTextIn(this.#objects.text(vertex), name);
    return part ? digestOf(part) : '';
  }

  /** In order of ids, so that the same graph yields the same texts. */
  *members(type: string, namespace?: string): Iterable<Vertex> {
    this.#looked?.other.add(together.members(type, namespace));
    if (namespace !== undefined) return yield* [...this.#graph.members(type, namespace)].sort(idOrder);
    const of = this.#graph.order.types().find((each) => each.type === type);
    for (const { entries } of of?.leaves ?? []) for (const { vertex } of entries) if (vertex.present) yield vertex;
  }

  exists(type: string, namespace?: string): boolean {
    this.#looked?.other.add(together.any(type, namespace));
    return this.#choices.any(type, namespace);
  }

  chosen(choice: Choice): Iterable<Vertex> {
    this.#looked?.other.add(together.chosen(choice.name));
    return this.#choices.members(choice);
  }

  valuesOf(choice: Choice): ReadonlySet<string> {
    this.#looked?.other.add(together.values(choice.name));
    return this.#choices.values(choice);
  }

  saidOf(choice: Choice, id: string): string | undefined {
    if (!choice.ofFindings) this.#looked?.other.add(together.chosen(choice.name, id));
    return this.#choices.said(choice, id);
  }

  out(vertex: Vertex, ...types: readonly string[]): readonly Edge[] {
    this.#lookOut(vertex, types);
    const known = this.#out.get(vertex);
    if (known) return ofTypes(known, types);
    const { out } = vertex;
    const [first] = out;
    if (!first) return none;
    if (out.length > 1 || first.size > fewEdges || !this.#looked) return out.flatMap((block) => inBlock(block, types));
    return ofTypes(this.#kept(this.#out, vertex, first.edges), types);
  }

  /** In order of their sources: the graph keeps no order. */
  into(vertex: Vertex, ...types: readonly string[]): readonly Edge[] {
    return inOrder(this.#incoming(vertex, types));
  }

  anyInto(vertex: Vertex, test: (edge: Edge) => boolean, ...types: readonly string[]): boolean {
    const isMeant = ({ type }: Pick<Edge, 'type'>) => types.length === 0 || types.includes(type);
    if (vertex.in.length <= fewEdges) return this.#incoming(vertex, types).some(test);
    this.#lookInto(vertex, types);
    return vertex.in.some((edge) => isMeant(edge) && test(edge), isMeant);
  }

  lacking(vertex: Vertex, ...types: readonly string[]): readonly Edge[] {
    this.#lookOut(vertex, types);
    if (vertex.id === this.#subject && this.#looked) this.#subjectLacks ??= lacksAny(vertex);
    const lacks = vertex.id === this.#subject ? (this.#subjectLacks ?? true) : lacksAny(vertex);
    return lacks ? this.out(vertex, ...types).filter(({ target }) => isAbsent(target)) : none;
  }

  anyTarget(vertex: Vertex, test: (target: Vertex) => boolean, ...types: readonly string[]): boolean {
    this.#lookOut(vertex, types);
    const isMeant = (target: Vertex, type: string) => types.includes(type) && test(target);
    return vertex.out.some((block) => mayHold(block, types) && block.someTarget(isMeant));
  }

  anySource(vertex: Vertex, test: (source: Vertex) => boolean, ...types: readonly string[]): boolean {
    this.#lookInto(vertex, types);
    return vertex.in.someSource((source, type) => types.includes(type) && test(source));
  }

  isMissing(vertex: Vertex): boolean {
    this.#lookAt(vertex.id);
    const standing = this.#graph.standingOf(vertex);
    if (standing === 'unverified') {
      // A temporary state must not change findings: earlier ones remain, and no new ones appear.
      this.settled(vertex.type);
      this.unsure.set(vertex.id, `${vertex.type} is ${this.#stateOf(vertex.type)}`);
    }
    return standing === 'missing' && !this.#isToBeMade(vertex);
  }

  /** Files hold what makes it, such as a Certificate or an ExternalSecret, and not what is made of that in a cluster. */
  #isToBeMade(vertex: Vertex): boolean {
    return this.isOfFiles() && this.anySource(vertex, ({ present }) => present, 'issues');
  }

  settled(...kinds: readonly string[]): void {
    for (const kind of kinds) {
      this.#reads.kinds.add(kind);
      const state = this.#stateOf(kind);
      if (state === 'stale' || state === 'syncing') throw new Undecidable(`${kind} is ${state}`);
    }
  }

  isKnown(type: string, namespace: string): boolean {
    this.#reads.kinds.add(type);
    return this.#graph.isKnown(type, namespace);
  }

  isOfFiles(): boolean {
    return isOfFiles(this.#graph);
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

  flagsOf({ flags }: Edge): number {
    return flags.all;
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

  isOverdue(timestamp: unknown, ms: number): boolean {
    if (!this.isPast(timestamp, ms)) return false;
    if (Date.parse(String(timestamp)) + ms <= this.#seenUntil) return true;
    return this.undecided('the files do not say when they were written');
  }

  wasWithin(timestamp: unknown, ms: number): boolean {
    if (!this.isPast(timestamp, ms)) return true;
    return Date.parse(String(timestamp)) + ms > this.#seenUntil;
  }

  /** Live objects are those of now. Files may have been written long ago. */
  get #seenUntil(): number {
    if (!this.isOfFiles()) return this.now;
    this.#newest ??= newestTimeIn(this.#graph, this.#objects, this.now) ?? this.now;
    return this.#newest;
  }

  memory<T extends object>(make: () => T): T {
    return this.#memoryOf(this.#rule, this.#subject, make) as T;
  }

  memoryOf<T extends object>({ id }: Vertex, name: string, make: () => T): T {
    return this.#memoryOf(name, id, make) as T;
  }

  remembered<T extends object>(): T | undefined {
    return this.#memoryOf(this.#rule, this.#subject, undefined) as T | undefined;
  }

  undecided(reason: string): never {
    throw new Undecidable(reason);
  }

  /**
   * Nothing changes while one resource is examined. Rules on the whole graph are interrupted by changes, so nothing is cached for
   * them.
   */
  #kept(edges: Map<Vertex, readonly Edge[]>, vertex: Vertex, made: readonly Edge[]): readonly Edge[] {
    if (this.#looked) edges.set(vertex, made);
    return made;
  }

  /** Unordered. */
  #incoming(vertex: Vertex, types: readonly string[]): readonly Edge[] {
    this.#lookInto(vertex, types);
    const known = this.#into.get(vertex);
    if (known) return ofTypes(known, types);
    const all = vertex.in;
    if (all.length === 0) return none;
    if ((all.length > fewEdges || !this.#looked) && types.length > 0)
      return all.filter(({ type }) => types.includes(type));
    return ofTypes(this.#kept(this.#into, vertex, [...all]), types);
  }

  #stateOf(type: string): string {
    return this.#graph.sources('kinds').get(type)?.state ?? 'not read';
  }

  /** The subject is examined again after any change of it, so it needs no record. */
  #lookAt(id: string): void {
    if (id !== this.#subject) this.#looked?.itself.add(id);
  }

  #lookOut({ id }: Vertex, types: readonly string[]): void {
    if (id === this.#subject) noteTypes(this.#reads.out, types.length > 0 ? types : allTypes);
    else this.#looked?.out.add(id);
  }

  #lookInto({ id }: Vertex, types: readonly string[] | ReadonlySet<string>): void {
    const isAll = 'length' in types && types.length === 0;
    if (id === this.#subject) noteTypes(this.#reads.into, isAll ? allTypes : types);
    else this.#looked?.into.add(id);
  }

  /** With several owners, the first by id, so that the order of arrival does not matter. */
  #ownerOf(vertex: Vertex): Vertex | undefined {
    this.#lookInto(vertex, ownerships);
    let found: Vertex | undefined;
    vertex.in.someSource((source, type) => {
      const isOwner = ownerships.has(type) && source.present && !noRoots.has(source.type);
      if (isOwner && (!found || source.id < found.id)) found = source;
      return false;
    });
    return found;
  }
}

const none: readonly never[] = [];

function noteTypes(read: Set<string>, types: Iterable<string>): void {
  for (const type of types) read.add(type);
}

/** Returns the list itself if all edges qualify. */
function ofTypes(edges: readonly Edge[], types: readonly string[]): readonly Edge[] {
  if (types.length === 0 || edges.length === 0) return edges;
  return edges.filter(({ type }) => types.includes(type));
}

/** Blocks are sorted by type: thousands of other relations, such as a Namespace's `contains`, are skipped. */
function inBlock(block: Block, types: readonly string[]): readonly Edge[] {
  if (types.length === 0) return block.edges;
  return mayHold(block, types) ? block.filter(({ type }) => types.includes(type)) : none;
}

function lacksAny(vertex: Vertex): boolean {
  return vertex.out.some((block) => block.someTarget(isAbsent));
}

/** Virtual resources exist by being named. */
function isAbsent({ present, type }: Vertex): boolean {
  return !present && !Object.hasOwn(virtualTypes, type);
}

function mayHold(block: Block, types: readonly string[]): boolean {
  const [first, last] = [block.typeAt(0), block.typeAt(block.size - 1)];
  return types.some((type) => type >= first && type <= last);
}

function inOrder(edges: readonly Edge[]): readonly Edge[] {
  return edges.length > 1 ? edges.toSorted(sourceOrder) : edges;
}

function idOrder(a: Vertex, b: Vertex): number {
  return textOrder(a.id, b.id);
}

function sourceOrder(a: Edge, b: Edge): number {
  return textOrder(a.source.id, b.source.id) || textOrder(a.type, b.type);
}

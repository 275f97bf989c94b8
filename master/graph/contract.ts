// What the engine is told and what may be asked of it. Types only; see engine.ts.
import type { Clock } from '../../src/clock.ts';
import type { SourceState } from '../../src/model.ts';
import type { Steps } from '../../src/steps.ts';
import type { ApplicationMark } from '../applications/application.ts';
import type { Health } from '../health/health.ts';
import type { Reference, Rule } from '../relations/relation.ts';
import type { Derivation } from './engine/derivations.ts';
import type { EdgeLists } from './engine/edges.ts';
import type { Standing } from './engine/json.ts';
import type { Order } from './engine/order.ts';
import type { RelationLimit } from './engine/relation-limit.ts';
import type { StateSaid } from './engine/states.ts';
import type { Annotations, AnnotationValue } from './model/annotation.ts';
import type { Bytes, Text } from './model/bytes.ts';
import type { Fields } from './model/fields.ts';
import type { TableSize } from './model/table.ts';
import type { Edge, Labels, Vertex } from './model/vertex.ts';
import type { Changes, RemovedResource } from './revisions/changes.ts';
import type { OpenSnapshots } from './revisions/open-snapshots.ts';
import type { Retention } from './revisions/retention.ts';
import type { UndoLogs } from './revisions/undo-log.ts';

/** What the graph is told of one resource, whatever source it is of; see also `bareItem`. */
export interface Item extends Incarnation {
  readonly id: string;
  readonly type: string;
  /** The empty string where it is in none. */
  readonly namespace: string;
  readonly name: string;
  readonly label: string;
  /** `properties` as JSON text. Bytes are copied before the transaction's end; then they are the caller's again. */
  readonly properties: Text;
  readonly references: readonly SourcedReference[];
  /** What field selectors ask of it, by path. */
  readonly fields?: Fields | undefined;
  /** What it says itself of its health, and of the application that it is a part of. */
  readonly health?: Health | undefined;
  readonly mark?: ApplicationMark | undefined;
}

/** What an object of the API has besides, and others may have. */
export interface Incarnation {
  readonly uid?: string | undefined;
  /** The same version is the same content. */
  readonly resourceVersion?: string | undefined;
  /** Has an owner reference with `controller: true`. */
  readonly controlled?: boolean | undefined;
  /** A symbolic name beside the label. */
  readonly alternateLabel?: string | undefined;
  readonly labels?: Labels | undefined;
}

/** A reference, and the rule that read it. */
export interface SourcedReference {
  readonly rule: Rule;
  readonly reference: Reference;
}

export interface EngineOptions {
  readonly clusterName: string;
  readonly createdBy: string;
  /** May change while it runs: what is asked is what is there then. */
  readonly rules: readonly Rule[];
  /** Types that exist by being named: hosts, zones, users. */
  readonly virtualTypes: ReadonlySet<string>;
  readonly clock: Clock;
  /** Annotations that rest on relations, made before the hooks of `beforeCommit` are called. */
  readonly derivations?: readonly Derivation[];
  /** What may wait is not derived before `derive` is called: a first list brings owners and owned in any order. */
  readonly derivesLater?: boolean;
  /** Namespaces that are read at all; undefined means every one. */
  readonly namespaces?: ReadonlySet<string> | undefined;
  /** What this graph is never told of: whether it exists is not known here. */
  readonly hidden?: (place: RemovedResource) => boolean;
  /** The kind whose state answers for a type that no list brings, such as `Pod` for `Container`. */
  readonly answersFor?: { readonly [type: string]: string };
  /** Whether a type is known to be outside of namespaces. */
  readonly clusterScoped?: (type: string) => boolean;
  /** Types that are known from the beginning to be in namespaces: an owner of such a type is looked for nowhere else. */
  readonly namespacedTypes?: ReadonlySet<string>;
  /** How many bytes of changes are kept for readers that resume. */
  readonly logBytes?: number;
  /** Shared by all graphs of the process; none where it is left out, but of one object's references. */
  readonly limit?: RelationLimit;
  /** Shared by all graphs whose readers are bounded together. */
  readonly retention?: Retention;
}

/**
 * The graph's one way in. Everything but `transact` and `beforeCommit` is to be called inside a transaction, and takes
 * effect at once for whoever reads through `GraphReader` there; readers of revisions see it when the transaction ends.
 */
export interface GraphWriter {
  /**
   * Runs `change` and makes one revision of all it did; none if it changed nothing that shows. One inside another is part
   * of the outer one. What `change` throws is thrown on after the end: what it did before that stays.
   */
  transact(change: () => void): void;
  /**
   * Has `hook` called at the end of each outermost transaction, before its revision is made, until the function returned
   * is called. Hooks are called in the order in which they were registered, once each: what one changes, those behind it
   * see as touched, those before it do not. One that throws holds up neither the others nor the revision.
   */
  beforeCommit(hook: BeforeCommit): () => void;
  /** Says that a resource exists and what it says, in place of what was said before. Another `uid` is another incarnation. */
  put(item: Item): void;
  /** It exists no more. What names it goes on naming it, as missing. */
  remove(id: string): void;
  /**
   * Adds the annotation `name` to a resource, there already or not yet, in place of the one before; undefined takes it off.
   * It stays when the resource goes: who annotates takes back.
   */
  annotate(id: string, name: string, value: AnnotationValue | undefined): void;
  /** Says which resource a key stands for now; undefined when none does any more. */
  setKey(index: string, key: string, id: string | undefined): void;
  /**
   * Says how a source stands: a kind of the family `kinds`, a node's minion of `minions`, or one of any other family.
   * Undefined forgets it. A first word on a source makes its family known. To be said before what the source brings is put,
   * and `synced` after the last of it: what is only named is `unverified` until its kind is.
   */
  setSource(family: string, name: string, state: SourceState | undefined): void;
}

/** What a transaction has touched so far: it may have changed, come or gone; a relation of it may have. */
export interface Touched {
  /** Grows while it is gone through, where that touches others. */
  readonly vertices: ReadonlySet<Vertex>;
}

export type BeforeCommit = (touched: Touched) => void;

/** The graph's one way out. Inside a transaction some of it is ahead of the revision; to read a revision, see `capture`. */
export interface GraphReader {
  /** Also one that is only named: ask `present`. */
  get(id: string): Vertex | undefined;
  /** Present vertices of a type in a namespace (the empty string for what is in none). */
  members(type: string, namespace: string): Iterable<Vertex>;
  /** Where members of the type are: the empty string for those in none. */
  namespacesOf(type: string): Iterable<string>;
  /** Types that have present vertices, with how many. */
  counts(): Map<string, number>;
  /** Whether the resource is there, missing, or not known to be either. */
  standingOf(vertex: Vertex): Standing;
  /** Whether what is not there, of that type in that namespace, is known not to be there. */
  isKnown(type: string, namespace: string): boolean;
  /** What `annotate` said, of resources that are there and of others, by id. */
  annotations(): Iterable<readonly [id: string, annotations: Annotations]>;
  /** What `setKey` said. */
  keys(): Iterable<{ readonly index: string; readonly key: string; readonly id: string }>;
  /** How the sources stand, as JSON text: exceptions and counts, or every one of them. */
  completeness(form?: 'short' | 'full'): string;
  /** From when on something that is read of the API server was not known to be in step; undefined where all is. */
  outOfStepSince(): string | undefined;
  /** The families that a source was known of, `kinds` and `minions` always. */
  families(): Iterable<string>;
  /** How the sources of a family stand, by name. */
  sources(family: string): ReadonlyMap<string, SourceState>;
  /** The relation as JSON text, as it is now, with the separator. */
  edgeText(edge: Edge): string;
  /** The resource's properties as JSON text; inside a transaction as they were put. */
  propertiesOf(vertex: Vertex): string;
  /** Bytes of the serialized resources by type, placeholders included. */
  bytesByType(): ReadonlyMap<string, number>;
  /** Of the last transaction that changed something that shows. */
  readonly revision: number;
  /** When that was; it never runs backwards. */
  readonly timestamp: string;
  /** How many relations there are. */
  readonly relations: number;
  /** How many there are of each type, types that had some included. */
  relationCounts(): ReadonlyMap<string, number>;
  /** How many resources of each type are in each state of health; types that had some included. */
  healthCounts(): ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly clusterName: string;
  /** All that is served, in the order of ids. */
  readonly order: Order;
  /** Readers of past revisions: to be opened before what they read changes, see `capture`. */
  readonly openSnapshots: OpenSnapshots;
  /** For readers that take several turns: see `withReadView`. */
  readonly undoLogs: Pick<UndoLogs, 'open'>;
  /** Where the texts lie. */
  readonly bytes: Bytes;
  /** One change a revision, in order; kept from `record` on. */
  readonly changes: Changes;
  /** The texts of relations, written when they are first asked for. */
  readonly edgeLists: EdgeLists;
  /** In the order in which relations name them. */
  readonly rules: readonly Rule[];
}

/** What a copy takes over of the graph that it is a copy of. */
export interface Continuation {
  readonly revision: number;
  readonly timestamp: string;
  /** How every source stands, with the moments that this graph could not know. */
  readonly states: readonly StateSaid[];
  readonly outOfStepSince: string | undefined;
}

/** The moments of change of a resource and of its relations as a source, as a copy is told them. */
export interface Stamps {
  readonly id: string;
  /** Left out: as it is. */
  readonly resource?: string | undefined;
  /** In the order of its relations; one for all of them where they are the same. */
  readonly relations: string | readonly string[] | undefined;
}

/** Made by `createEngine`. One writes it, any number read it. */
export interface Engine extends GraphReader, GraphWriter {
  /** Derives what has waited, in transactions of its own: to be called outside of any. From its first step on nothing waits. */
  derive(): Steps<void>;
  /** Rows of its tables, and words of its lists: in use, and held of the operating system. */
  rows(): { readonly [table: string]: TableSize };
  /** To be called inside a transaction. False where the resource has other relations than it was said to have. */
  stamp(stamps: Stamps): boolean;
  /** Says when one relation was first inferred, where it is there: to be called inside a transaction. */
  stampRelation(source: string, type: string, target: string, at: string): void;
  /** Goes on from where another graph of the same content is: to be called outside of any transaction. */
  continueAs(continuation: Continuation): void;
  /** How many references of objects are followed. */
  readonly followedReferences: number;
  /** How many relations selectors would make, and how many of them the limit lets them make. */
  readonly selectedRelations: { readonly wanted: number; readonly shown: number };
  /** Has `listener` called after the end of each outermost transaction, its revision made where it changed something. */
  afterCommit(listener: () => void): () => void;
}

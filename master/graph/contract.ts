// The engine's interfaces: what a source writes and what a reader can ask. Types only; see engine.ts.
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

/** What a source reports about one resource; see also `bareItem`. */
export interface Item extends Incarnation {
  readonly id: string;
  readonly type: string;
  /** Empty for a resource without a namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly label: string;
  /** `properties` as JSON text. A buffer is copied before the transaction ends; after that the caller may reuse it. */
  readonly properties: Text;
  readonly references: readonly SourcedReference[];
  /** Values that field selectors match, by path. */
  readonly fields?: Fields | undefined;
  /** The resource's own health, and the application it belongs to. */
  readonly health?: Health | undefined;
  readonly mark?: ApplicationMark | undefined;
}

/** Attributes of API objects; other resources may have them too. */
export interface Incarnation {
  readonly uid?: string | undefined;
  /** Equal versions mean equal content. */
  readonly resourceVersion?: string | undefined;
  /** True if it has an owner reference with `controller: true`. */
  readonly controlled?: boolean | undefined;
  /** A symbolic name besides the label. */
  readonly alternateLabel?: string | undefined;
  readonly labels?: Labels | undefined;
}

/** New content of a resource that states what it stated before. */
export type Renewal = Pick<Item, 'id' | 'resourceVersion' | 'properties'>;

/** A reference and the rule that found it. */
export interface SourcedReference {
  readonly rule: Rule;
  readonly reference: Reference;
}

export interface EngineOptions {
  readonly clusterName: string;
  readonly createdBy: string;
  /** May grow at run time: read it on every use. */
  readonly rules: readonly Rule[];
  /** Types whose resources exist because something names them: hosts, zones, users. */
  readonly virtualTypes: ReadonlySet<string>;
  readonly clock: Clock;
  /** Annotations that depend on relations. They are computed before the `beforeCommit` hooks run. */
  readonly derivations?: readonly Derivation[];
  /**
   * Derivations that may wait run only when `derive` is called: an initial list delivers owners and owned objects in any
   * order.
   */
  readonly derivesLater?: boolean;
  /** The namespaces that are read; undefined for all. */
  readonly namespaces?: ReadonlySet<string> | undefined;
  /** Places that this graph never sees: whether a resource exists there is unknown. */
  readonly hidden?: (place: RemovedResource) => boolean;
  /** The kind whose sync state decides for a type that has no list of its own, such as `Pod` for `Container`. */
  readonly answersFor?: { readonly [type: string]: string };
  /** Whether a type is known to be cluster-scoped. */
  readonly clusterScoped?: (type: string) => boolean;
  /** Types known from the start to be namespaced: an owner of such a type is searched for only in the namespace. */
  readonly namespacedTypes?: ReadonlySet<string>;
  /** Bytes of changes kept for readers that resume. */
  readonly logBytes?: number;
  /** Shared by all graphs of the process. Without it only the references of one object are limited. */
  readonly limit?: RelationLimit;
  /** Shared by all graphs whose readers have one common bound. */
  readonly retention?: Retention;
}

/**
 * The only way to write to the graph. Call everything except `transact` and `beforeCommit` inside a transaction. A call
 * takes effect at once for readers of `GraphReader` in that transaction; readers of revisions see it when the transaction
 * ends.
 */
export interface GraphWriter {
  /**
   * Runs `change` and commits its effects as one revision, or none if nothing visible changed. A nested call joins the
   * outer transaction. If `change` throws, what it did before stays and the error is rethrown at the end.
   */
  transact(change: () => void): void;
  /**
   * Calls `hook` at the end of each outermost transaction, before its revision is made. Returns a function that unregisters
   * it. Hooks run once each, in order of registration: later hooks see what an earlier one touched, not the reverse. A hook
   * that throws stops neither the other hooks nor the revision.
   */
  beforeCommit(hook: BeforeCommit): () => void;
  /** Adds a resource or replaces its content. Another `uid` means another incarnation. */
  put(item: Item): void;
  /** Replaces the properties alone: the same as to `put` what was put last, with these. False if there is no such resource. */
  renew(renewal: Renewal): boolean;
  /** Removes a resource. Relations that name it stay and show it as missing. */
  remove(id: string): void;
  /**
   * Sets annotation `name` of a resource, which need not exist yet; undefined removes it. It outlives the resource: the
   * caller must remove it.
   */
  annotate(id: string, name: string, value: AnnotationValue | undefined): void;
  /** Maps a key to a resource; undefined removes the mapping. */
  setKey(index: string, key: string, id: string | undefined): void;
  /**
   * Sets the state of a source: a kind (family `kinds`), a node's minion (`minions`), or one of another family. Undefined
   * forgets it. The first call for a family makes the family known. Call it before the first `put` of the source's items,
   * and with `synced` after the last: until then, resources that are only named are `unverified`.
   */
  setSource(family: string, name: string, state: SourceState | undefined): void;
}

/** What a transaction has touched so far: resources that may have changed, come or gone, or whose relations may have. */
export interface Touched {
  /** Grows during iteration if the iteration touches more. */
  readonly vertices: ReadonlySet<Vertex>;
}

export type BeforeCommit = (touched: Touched) => void;

/**
 * The only way to read the graph. Inside a transaction parts of it are ahead of the revision; to read a revision use
 * `capture`.
 */
export interface GraphReader {
  /** Also returns resources that are only named: check `present`. */
  get(id: string): Vertex | undefined;
  /** Present vertices of a type in a namespace (empty for cluster-scoped). */
  members(type: string, namespace: string): Iterable<Vertex>;
  /** Namespaces with members of the type; empty for cluster-scoped. */
  namespacesOf(type: string): Iterable<string>;
  /** Types with present vertices, and their numbers. */
  counts(): Map<string, number>;
  /** Whether the resource is present, missing or unverified. */
  standingOf(vertex: Vertex): Standing;
  /** Whether all resources of the type in the namespace are known, so that any other does not exist. */
  isKnown(type: string, namespace: string): boolean;
  /** All values set by `annotate`, by id, including those of absent resources. */
  annotations(): Iterable<readonly [id: string, annotations: Annotations]>;
  /** All mappings set by `setKey`. */
  keys(): Iterable<{ readonly index: string; readonly key: string; readonly id: string }>;
  /** State of the sources as JSON text: counts and exceptions only (`short`), or every source (`full`). */
  completeness(form?: 'short' | 'full'): string;
  /** Since when some source of API objects has been out of step; undefined while all are in step. */
  outOfStepSince(): string | undefined;
  /** Families with at least one known source; always includes `kinds` and `minions`. */
  families(): Iterable<string>;
  /** State of each source of a family, by name. */
  sources(family: string): ReadonlyMap<string, SourceState>;
  /** The relation's current JSON text, with separator. */
  edgeText(edge: Edge): string;
  /** The resource's properties as JSON text; inside a transaction, as they were put. */
  propertiesOf(vertex: Vertex): string;
  /** Bytes of serialized resources by type, placeholders included. */
  bytesByType(): ReadonlyMap<string, number>;
  /** Number of the last transaction with a visible change. */
  readonly revision: number;
  /** Its time; never runs backwards. */
  readonly timestamp: string;
  /** Number of relations. */
  readonly relations: number;
  /** Number of relations by type, including types that have none left. */
  relationCounts(): ReadonlyMap<string, number>;
  /** Number of resources by type and health; includes types that have none left. */
  healthCounts(): ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly clusterName: string;
  /** All served resources, sorted by id. */
  readonly order: Order;
  /** Readers of past revisions. Open one before its data changes, see `capture`. */
  readonly openSnapshots: OpenSnapshots;
  /** For readers that take several turns: see `withReadView`. */
  readonly undoLogs: Pick<UndoLogs, 'open'>;
  /** Storage of the serialized texts. */
  readonly bytes: Bytes;
  /** One change per revision, in order; kept from `record` on. */
  readonly changes: Changes;
  /** Texts of relations, written on first use. */
  readonly edgeLists: EdgeLists;
  /** In the order in which relations number them. */
  readonly rules: readonly Rule[];
}

/** State that a copy takes over from the original graph. */
export interface Continuation {
  readonly revision: number;
  readonly timestamp: string;
  /** State of every source, with timestamps that the copy cannot know itself. */
  readonly states: readonly StateSaid[];
  readonly outOfStepSince: string | undefined;
}

/** Timestamps of a resource and its outgoing relations, as sent to a copy. */
export interface Stamps {
  readonly id: string;
  /** Undefined: unchanged. */
  readonly resource?: string | undefined;
  /** In the order of the relations; a single value if all are equal. */
  readonly relations: string | readonly string[] | undefined;
}

/** Made by `createEngine`. One writer, any number of readers. */
export interface Engine extends GraphReader, GraphWriter {
  /**
   * Runs derivations that have waited, in its own transactions: call it outside of any. From its first step on no
   * derivation waits.
   */
  derive(): Steps<void>;
  /** Call inside a transaction, after `put`: whether `renew` would have done the same. */
  isSteady(vertex: Vertex): boolean;
  /** Rows of the tables and words of the lists: used, and allocated. */
  rows(): { readonly [table: string]: TableSize };
  /** Call inside a transaction. False if the resource's relations are not those that `stamps` describes. */
  stamp(stamps: Stamps): boolean;
  /** Sets when a relation was first inferred, if it exists. Call inside a transaction. */
  stampRelation(source: string, type: string, target: string, at: string): void;
  /** Continues from the state of another graph with the same content. Call outside of transactions. */
  continueAs(continuation: Continuation): void;
  /** How many references of objects are followed. */
  readonly followedReferences: number;
  /** How many relations selectors would make, and how many of them the limit lets them make. */
  readonly selectedRelations: { readonly wanted: number; readonly shown: number };
  /** Calls `listener` after each outermost transaction; if something changed, its revision exists by then. */
  afterCommit(listener: () => void): () => void;
}

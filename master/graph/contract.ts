// What the engine is told and what may be asked of it. Types only; see engine.ts.
import type { Clock } from '../../src/clock.ts';
import type { SourceState } from '../../src/model.ts';
import type { Reference, Rule } from '../relations/relation.ts';
import type { EdgeLists } from './engine/edges.ts';
import type { Standing } from './engine/json.ts';
import type { Order } from './engine/order.ts';
import type { Bytes, Text } from './model/bytes.ts';
import type { Edge, Labels, Vertex } from './model/vertex.ts';
import type { Changes, RemovedResource } from './revisions/changes.ts';
import type { OpenSnapshots } from './revisions/open-snapshots.ts';
import type { Retention } from './revisions/retention.ts';
import type { UndoLogs } from './revisions/undo-log.ts';

/** What the graph is told of one object. */
export interface Item {
  readonly id: string;
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly label: string;
  readonly alternateLabel: string;
  readonly labels: Labels | undefined;
  /** Has an owner reference with `controller: true`. */
  readonly controlled: boolean;
  readonly nodeName: string;
  readonly phase: string;
  /** `properties` as JSON text. Bytes are copied before the transaction's end; then they are the caller's again. */
  readonly properties: Text;
  readonly references: readonly SourcedReference[];
}

/** A reference, and the rule that read it. */
export interface SourcedReference {
  readonly rule: Rule;
  readonly reference: Reference;
}

export interface EngineOptions {
  readonly clusterName: string;
  readonly createdBy: string;
  readonly rules: readonly Rule[];
  /** Types that exist by being named: hosts, zones, users. */
  readonly virtualTypes: ReadonlySet<string>;
  readonly clock: Clock;
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
  /** Shared by all graphs whose readers are bounded together. */
  readonly retention?: Retention;
}

export interface Engine {
  /** Runs `change` and makes one revision of all it did; none if it changed nothing that shows. */
  transact(change: () => void): void;
  put(item: Item): void;
  remove(id: string): void;
  /** Adds the annotation `name` to a resource, there already or not yet: JSON text, or undefined to take it off. */
  annotate(id: string, name: string, value: string | undefined): void;
  /** Says which resource a key stands for now; undefined when none does any more. */
  setKey(index: string, key: string, id: string | undefined): void;
  setKind(type: string, state: SourceState | undefined): void;
  setMinion(node: string, state: SourceState | undefined): void;
  get(id: string): Vertex | undefined;
  /** Present vertices of a type in a namespace (the empty string for what is in none). */
  members(type: string, namespace: string): Iterable<Vertex>;
  namespacesOf(type: string): Iterable<string>;
  /** Types that have present vertices, with how many. */
  counts(): Map<string, number>;
  standingOf(vertex: Vertex): Standing;
  completeness(): string;
  kinds(): ReadonlyMap<string, SourceState>;
  minions(): ReadonlyMap<string, SourceState>;
  edgeText(edge: Edge): string;
  /** The resource's properties as JSON text. */
  propertiesOf(vertex: Vertex): string;
  /** Bytes of the serialized resources by type, placeholders included. */
  bytesByType(): ReadonlyMap<string, number>;
  readonly revision: number;
  readonly timestamp: string;
  readonly relations: number;
  /** How many there are of each type, types that had some included. */
  relationCounts(): ReadonlyMap<string, number>;
  readonly clusterName: string;
  readonly order: Order;
  readonly openSnapshots: OpenSnapshots;
  readonly undoLogs: Pick<UndoLogs, 'open'>;
  readonly bytes: Bytes;
  readonly changes: Changes;
  readonly edgeLists: EdgeLists;
  readonly rules: readonly Rule[];
}

/** What readers of the graph may ask of it. */
export type GraphReader = Omit<Engine, 'transact' | 'put' | 'remove' | 'annotate' | 'setKey' | 'setKind' | 'setMinion'>;

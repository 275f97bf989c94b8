// The application of each resource, by the first rule that applies: the mark of its owners; its own mark; its topmost owner
// that is a workload or owns one; the Pods of a Service, the Services of a route, and so on; the only user of a
// configuration object. What several applications use is shared and belongs to none.
//
// Each rule has a stage and depends on values of earlier stages only, so there are no cycles.
import { podControllerTypes } from '../../src/pod-spec.ts';
import type { Claim, Edge, Vertex } from '../graph/model/vertex.ts';
import type { Application } from './application.ts';

/** What a derivation may ask of the graph: see master/graph/engine/derivations.ts. */
interface Surroundings {
  claimsOf(edge: Edge): readonly Claim[];
}

/** A way to an application: a relation type, direction and target. */
interface Way {
  readonly types: readonly string[];
  readonly stage: number;
  readonly over: 'out' | 'in';
  readonly relations: readonly string[];
}

const group = 'gateway.networking.k8s.io';
const routes = ['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute'].map((kind) => `${kind}.${group}`);

const ways: readonly Way[] = [
  { types: ['Container'], stage: 2, over: 'in', relations: ['contains'] },
  { types: ['Process'], stage: 3, over: 'in', relations: ['contains'] },
  { types: ['Service'], stage: 2, over: 'out', relations: ['loadBalances'] },
  {
    types: ['HorizontalPodAutoscaler', 'VerticalPodAutoscaler.autoscaling.k8s.io'],
    stage: 2,
    over: 'out',
    relations: ['scales'],
  },
  { types: ['PodDisruptionBudget'], stage: 2, over: 'out', relations: ['protects'] },
  { types: ['EndpointSlice'], stage: 3, over: 'in', relations: ['owns'] },
  { types: ['Ingress', ...routes], stage: 3, over: 'out', relations: ['routesTo'] },
  { types: ['ServiceAccount'], stage: 4, over: 'in', relations: ['runsAs'] },
  {
    types: ['ConfigMap', 'Secret', 'PersistentVolumeClaim', 'ResourceClaim'],
    stage: 5,
    over: 'in',
    relations: ['uses', 'mounts', 'owns', 'issues'],
  },
  { types: ['RoleBinding', 'ClusterRoleBinding'], stage: 5, over: 'out', relations: ['grantsTo'] },
  { types: ['Role', 'ClusterRole'], stage: 6, over: 'in', relations: ['grants'] },
  { types: ['PersistentVolume'], stage: 6, over: 'in', relations: ['boundTo'] },
];
const wayOf = new Map(ways.flatMap((way) => way.types.map((type) => [type, way] as const)));

/** Relations that pass an application on, by direction. */
const downwards: ReadonlySet<string> = new Set([
  'owns',
  'monitors',
  'contains',
  ...ways.filter(({ over }) => over === 'in').flatMap(({ relations }) => relations),
]);
const upwards: ReadonlySet<string> = new Set(
  ways.filter(({ over }) => over === 'out').flatMap(({ relations }) => relations),
);

const workloads: ReadonlySet<string> = new Set([...podControllerTypes, 'Pod']);

/** Owner references, and what they exclude. */
const ownership: ReadonlySet<string> = new Set(['controller-monitors-pod', 'owner-owns']);
/** A Node owns mirrors of static Pods; slices follow their Service at a later stage. */
const noOwners: ReadonlySet<string> = new Set(['Node', 'Service']);
/** Longer owner chains and cycles are not real. */
const highest = 16;

const own = 1;

const ownerships = ['monitors', 'owns'] as const;

export const applicationDerivation = {
  annotation: 'application',
  restsOnKinds: {},
  mayWait: true,
  concerns,
  of: applicationOf,
  same,
  dependents,
  descendsOver: ownerships,
  /** A longer or cyclic chain of owners affects everything below. */
  beyond: ownedBelow,
} as const;

/** Related to thousands of others, and part of nothing. */
const never: ReadonlySet<string> = new Set([
  'Namespace',
  'Node',
  'Cluster',
  'Image',
  'Host',
  'Zone',
  'Region',
  'HelmRelease',
]);

/** Owned resources take their owner's application, whatever their type. */
function concerns({ type, mark, present }: Vertex): boolean {
  if (!present) return false;
  if (mark !== undefined || wayOf.has(type) || workloads.has(type)) return true;
  return !never.has(type);
}

function same(a: Application, b: Application): boolean {
  return (
    a.name === b.name &&
    a.field === b.field &&
    a.from === b.from &&
    a.shared === b.shared &&
    a.marked === b.marked &&
    a.stage === b.stage
  );
}

function applicationOf(vertex: Vertex, around: Surroundings): Application | undefined {
  if (never.has(vertex.type)) return vertex.mark && made({ ...vertex.mark, marked: true, stage: own });
  const owner = ownerOf(vertex);
  const owned = owner?.source.application;
  if (owner && owned?.stage === own && owned.marked) return goneOn(owned, owner, around);
  if (vertex.mark) return made({ ...vertex.mark, marked: true, stage: own });
  if (owner && owned?.stage === own) return goneOn(owned, owner, around);
  const way = wayOf.get(vertex.type);
  if (way) return alongWay(vertex, way, around);
  if (!isTop(vertex, owner)) return undefined;
  return made({ name: vertex.name, field: 'metadata.name', marked: false, stage: own });
}

/** A workload, or an owner of one. */
function isTop(vertex: Vertex, owner: Edge | undefined): boolean {
  if (owner || noOwners.has(vertex.type)) return false;
  // A controlled object without its owner has no name of its own: an old ReplicaSet is no application.
  if (workloads.has(vertex.type)) return !vertex.controlled || isMirror(vertex);
  return ownedBy(vertex).some(({ target }) => workloads.has(target.type));
}

/** A static Pod, owned by its Node. */
function isMirror({ type, in: into }: Vertex): boolean {
  return type === 'Pod' && into.some((edge) => isOwnership(edge) && edge.source.type === 'Node', isOwnership);
}

function isOwnership({ type }: Pick<Edge, 'type'>): boolean {
  return type === 'owns' || type === 'monitors';
}

/** The relation from its owner; the first by id among several. Undefined if the owners above form a cycle or never end. */
function ownerOf(vertex: Vertex): Edge | undefined {
  const first = nextOwner(vertex);
  let above = first;
  for (let n = 0; above && n < highest; n++) {
    if (above.source === vertex) return undefined;
    above = nextOwner(above.source);
  }
  return above ? undefined : first;
}

/** By what the vertex says itself: what leads to it may be thousands of relations. */
function nextOwner(vertex: Vertex): Edge | undefined {
  let found: Edge | undefined;
  for (const { edge } of vertex.claimsBy(ownership)) {
    if (!edge || noOwners.has(edge.source.type) || !edge.source.present) continue;
    if (!found || edge.source.id < found.source.id) found = edge;
  }
  return found;
}

/** The owner's application through the owner reference: from the owner's origin, or from the owner. */
function goneOn(owned: Application, edge: Edge, around: Surroundings): Application {
  const { name, marked, from = edge.source.id } = owned;
  return made({ name, field: fieldOf(edge, around, ownership), from, marked, stage: own });
}

function alongWay(vertex: Vertex, { over, relations, stage }: Way, around: Surroundings): Application | undefined {
  let first: Edge | undefined;
  const isMeant = ({ type }: Pick<Edge, 'type'>) => relations.includes(type);
  /** Whether it leads to another application than those before. */
  const isAnother = (edge: Edge) => {
    const other = isMeant(edge) ? otherEnd(edge, over).application : undefined;
    if (!other || other.stage >= stage) return false;
    const known = first && otherEnd(first, over).application;
    if (known && !isSame(known, other)) return true;
    if (!first || otherEnd(edge, over).id < otherEnd(first, over).id) first = edge;
    return false;
  };
  const isShared =
    over === 'out' ? edgesOut(vertex, relations[0] ?? '').some(isAnother) : vertex.in.some(isAnother, isMeant);
  if (isShared) return made({ ...shared, stage });
  const other = first && otherEnd(first, over);
  if (!first || !other?.application) return undefined;
  if (other.application.shared) return made({ ...shared, stage });
  const { name, marked } = other.application;
  return made({ name, field: fieldOf(first, around), from: other.application.from ?? other.id, marked, stage });
}

const shared = { name: 'shared', field: '', shared: true, marked: false } as const;

/** Equal names in two namespaces are two applications, which meet only at cluster-scoped resources. */
function isSame(a: Application, b: Application): boolean {
  return a.name === b.name && a.shared === b.shared;
}

function otherEnd({ source, target }: Edge, over: Way['over']): Vertex {
  return over === 'out' ? target : source;
}

/** Relations of one type from it: blocks of other types are skipped, for Namespaces with thousands. */
function* edgesOut({ out }: Vertex, type: string): Generator<Edge, void, undefined> {
  for (const block of out) {
    if (block.typeAt(block.size - 1) < type) continue;
    if (block.typeAt(0) > type) return;
    yield* block.filter((edge) => edge.type === type);
  }
}

function* ownedBy(vertex: Vertex): Generator<Edge, void, undefined> {
  for (const type of ownerships) yield* edgesOut(vertex, type);
}

/** The relation's field; the first in text order among several. */
function fieldOf(edge: Edge, { claimsOf }: Surroundings, rules?: ReadonlySet<string>): string {
  let field: string | undefined;
  for (const { reason } of claimsOf(edge)) {
    if (rules && !rules.has(reason.rule.name)) continue;
    if (field === undefined || reason.field < field) field = reason.field;
  }
  return field ?? '';
}

function* dependents(vertex: Vertex): Generator<Vertex> {
  for (const block of vertex.out)
    for (const { target } of block.filter(({ type }) => downwards.has(type))) yield target;
  for (const { source } of vertex.in.filter(({ type }) => upwards.has(type))) yield source;
}

function* ownedBelow(vertex: Vertex): Generator<Vertex> {
  const seen = new Set([vertex]);
  let border = [vertex];
  for (let n = 0; n <= highest && border.length > 0; n++) {
    const next: Vertex[] = [];
    for (const { target } of border.flatMap((each) => [...ownedBy(each)])) {
      if (seen.has(target)) continue;
      seen.add(target);
      next.push(target);
      yield target;
    }
    border = next;
  }
}

/** The last one made: neighbours by id, such as a workload's Pods, are mostly equal. */
let last: Application | undefined;

function made({ name, field, from, shared: isShared, marked, stage }: Application): Application {
  const now = { name, field, from, shared: isShared, marked, stage };
  if (!last || !same(last, now)) last = now;
  return last;
}

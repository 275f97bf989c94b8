// The card of a resource. Contained resources are on their container's card; Pods, ReplicaSets and Jobs of one owner share
// a card keyed by owner and kind, so that a rollout changes a bar, not the picture.
import type { Relation, Resource } from '../../src/model.ts';
import { kindOf } from '../words.ts';

/** Shown on the card of their container or owner. */
const inside = new Set(['Container', 'Process', 'EndpointSlice', 'ControllerRevision', 'PodMetrics']);
/** Objects of these types share a card if they have one owner. */
const alike = new Set(['Pod', 'ReplicaSet', 'Job']);
/** Longer owner chains are cut: only hostile clusters have them. */
const deepest = 16;

/** `owns` is the strongest sign, `monitors` the weakest: a Pod may be monitored by something else. */
const certainty: readonly string[] = ['owns', 'contains', 'monitors'];
/** They contain everything and own nothing. */
const rooms = new Set(['Namespace', 'Cluster']);

interface Owner {
  readonly id: string;
  readonly rank: number;
}

/** Owner by id, for resources without their own card. Deterministic among several. */
export function ownersOf(
  relations: Iterable<Relation>,
  typeOf: (id: string) => string | undefined,
): Map<string, string> {
  const owners = new Map<string, Owner>();
  for (const { type, source, target } of relations) {
    const rank = certainty.indexOf(type);
    if (rank < 0 || source === target) continue;
    const kind = kindOf(typeOf(target) ?? '');
    if (!inside.has(kind) && (type === 'contains' || !alike.has(kind))) continue;
    if (rooms.has(kindOf(typeOf(source) ?? ''))) continue;
    const known = owners.get(target);
    if (!known || rank < known.rank || (rank === known.rank && source < known.id))
      owners.set(target, { id: source, rank });
  }
  return new Map([...owners].map(([target, { id }]) => [target, id]));
}

/** Card key of each resource. Missing resources have their own cards, so that they are visible. */
export function cardKeys(resources: readonly Resource[], owners: ReadonlyMap<string, string>): Map<string, string> {
  const byId = new Map(resources.map((resource) => [resource.id, resource]));
  const keys = new Map<string, string>();
  const keyFor = (resource: Resource, depth: number): string => {
    const known = keys.get(resource.id);
    if (known !== undefined) return known;
    const owner = byId.get(owners.get(resource.id) ?? '');
    const kind = kindOf(resource.type);
    // Preliminary value: ends a cycle of owners.
    keys.set(resource.id, resource.id);
    if (!owner || resource.annotations.missing || depth > deepest) return resource.id;
    const above = keyFor(owner, depth + 1);
    const key = inside.has(kind) ? above : alike.has(kind) ? `${kind} of ${above}` : resource.id;
    keys.set(resource.id, key);
    return key;
  };
  for (const resource of resources) keyFor(resource, 0);
  return keys;
}

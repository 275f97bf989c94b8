// Which card a resource is on. What is inside of something stands on its card; Pods, ReplicaSets and Jobs of one owner share
// one, whose key names owner and kind and no Pod: a roll-out changes a bar, not the picture.
import type { Relation, Resource } from '../../src/model.ts';
import { kindOf } from '../words.ts';

/** They stand on the card of what contains or owns them. */
const inside = new Set(['Container', 'Process', 'EndpointSlice', 'ControllerRevision', 'PodMetrics']);
/** Those of one owner share a card. */
const alike = new Set(['Pod', 'ReplicaSet', 'Job']);
/** Deeper chains of owners are cut there: only a hostile cluster has them. */
const deepest = 16;

/** `owns` says it best, `monitors` least: a Pod may be monitored by what does not own it. */
const certainty: readonly string[] = ['owns', 'contains', 'monitors'];
/** They contain everything, and own nothing. */
const rooms = new Set(['Namespace', 'Cluster']);

interface Owner {
  readonly id: string;
  readonly rank: number;
}

/** Owners by id, of what does not stand on a card of its own. Of several always the same one. */
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

/** The key of each resource's card. Missing ones have cards of their own: nothing hides them. */
export function cardKeys(resources: readonly Resource[], owners: ReadonlyMap<string, string>): Map<string, string> {
  const byId = new Map(resources.map((resource) => [resource.id, resource]));
  const keys = new Map<string, string>();
  const keyFor = (resource: Resource, depth: number): string => {
    const known = keys.get(resource.id);
    if (known !== undefined) return known;
    const owner = byId.get(owners.get(resource.id) ?? '');
    const kind = kindOf(resource.type);
    // Until it is known: a ring of owners ends here.
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

// Which card a resource is on. What is inside of something stands on its card; Pods, ReplicaSets and Jobs of one owner share
// one, whose key names owner and kind and no Pod: a roll-out changes a bar, not the picture.
import type { Relation, Resource } from '../../src/model.ts';
import { kindOf } from '../words.ts';

/** They stand on the card of what contains or owns them. */
const inside = new Set(['Container', 'Process', 'EndpointSlice', 'ControllerRevision', 'PodMetrics']);
/** Those of one owner share a card. */
const alike = new Set(['Pod', 'ReplicaSet', 'Job']);
const holding = new Set(['owns', 'contains', 'monitors']);
/** Deeper chains of owners are cut there: only a hostile cluster has them. */
const deepest = 16;

/** Owners by id: `owns` before `monitors`, since a Pod may be monitored by what does not own it. */
export function ownersOf(
  relations: Iterable<Relation>,
  typeOf: (id: string) => string | undefined,
): Map<string, string> {
  const owners = new Map<string, string>();
  const certain = new Set<string>();
  for (const { type, source, target } of relations) {
    if (!holding.has(type) || source === target) continue;
    const kind = kindOf(typeOf(target) ?? '');
    if (type === 'contains' ? !inside.has(kind) : !inside.has(kind) && !alike.has(kind)) continue;
    if (type === 'monitors' && certain.has(target)) continue;
    const known = owners.get(target);
    // Of several that would do, always the same one.
    if (type !== 'monitors' && !certain.has(target)) owners.set(target, source);
    else if (known === undefined || source < known) owners.set(target, source);
    if (type !== 'monitors') certain.add(target);
  }
  return owners;
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

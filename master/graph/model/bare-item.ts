// A resource of which nothing is known but what it is called and what it says: enough for all that is no Kubernetes object.
import type { Item } from '../contract.ts';

/** What is not given is as a resource has it that says nothing: in no namespace, called by its name, without properties. */
export function bareItem(given: Pick<Item, 'id' | 'type' | 'name'> & Partial<Item>): Item {
  return { namespace: '', label: given.name, properties: '{}', references: [], ...given };
}

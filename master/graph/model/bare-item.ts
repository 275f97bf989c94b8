// A resource with nothing but identity and properties: sufficient for everything outside the Kubernetes API.
import type { Item } from '../contract.ts';

/** Defaults: no namespace, the name as label, no properties. */
export function bareItem(given: Pick<Item, 'id' | 'type' | 'name'> & Partial<Item>): Item {
  return { namespace: '', label: given.name, properties: '{}', references: [], ...given };
}

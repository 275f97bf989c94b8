// The namespace of a resource from its id only, since a missing resource has nothing else.
import { parseId } from '../../../src/ids.ts';

// Number of slashes in the id of a namespaced resource: a container outside of Pods is named after its node.
const depths: { readonly [type: string]: number } = { Container: 2, Process: 3 };
// Types with slashes in their names.
const never = new Set(['CIDR', 'Cluster', 'ExternalIdentity', 'Group', 'Host', 'Image', 'User']);

/** Undefined if cluster-scoped. */
export function namespaceOf(id: string): string | undefined {
  const { type, path } = parseId(id);
  const parts = path.split('/');
  const namespace = parts[0] as string;
  if (never.has(type) || parts.length < (depths[type] ?? 1) + 1) return undefined;
  return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(namespace) ? namespace : undefined;
}

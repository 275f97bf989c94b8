// The namespace of a resource, from its id alone: what is missing has an id and nothing else.
import { parseId } from '../../../src/ids.ts';

// How many slashes an id of theirs has when it lies in a namespace: a container outside any Pod is named after its node.
const depths: { readonly [type: string]: number } = { Container: 2, Process: 3 };
// Types whose names hold slashes of their own.
const never = new Set(['CIDR', 'Cluster', 'ExternalIdentity', 'Group', 'Host', 'Image', 'User']);

/** Undefined for what lies in none. */
export function namespaceOf(id: string): string | undefined {
  const { type, path } = parseId(id);
  const parts = path.split('/');
  const namespace = parts[0] as string;
  if (never.has(type) || parts.length < (depths[type] ?? 1) + 1) return undefined;
  return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(namespace) ? namespace : undefined;
}

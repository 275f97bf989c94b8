// Gateway API references into other namespaces, which a ReferenceGrant there must allow.
import type { Granted, NameEnd, Reference } from './relation.ts';

export const grantKind = 'ReferenceGrant.gateway.networking.k8s.io';
export const grantIndex = 'grant';

/** `name` is undefined if the grant covers the whole type. */
export function grantKey(from: string, fromNamespace: string, to: string, namespace: string, name = '*'): string {
  return `${from} ${fromNamespace} ${to} ${namespace}/${name}`;
}

/** The condition on a reference from an object of type `from` in `home` to `target`, if it crosses namespaces. */
export function grantFor(from: string, home: string | undefined, target: NameEnd): Granted | undefined {
  const { type, namespace, name } = target;
  if (!home || !namespace || namespace === home) return undefined;
  const anyOf = [grantKey(from, home, type, namespace), grantKey(from, home, type, namespace, name)];
  return { index: grantIndex, anyOf, grantedBy: grantKind, namespace };
}

/** The reference with that condition, if needed. */
export function granted(from: string, home: string | undefined, target: NameEnd, reference: Reference): Reference {
  const when = grantFor(from, home, target);
  return when ? { ...reference, target, when } : { ...reference, target };
}

// References of the Gateway API into other namespaces, which a ReferenceGrant there must allow.
import type { Granted, NameEnd, Reference } from './relation.ts';

export const grantKind = 'ReferenceGrant.gateway.networking.k8s.io';
export const grantIndex = 'grant';

/** `name` is absent where the grant is for every object of the type. */
export function grantKey(from: string, fromNamespace: string, to: string, namespace: string, name = '*'): string {
  return `${from} ${fromNamespace} ${to} ${namespace}/${name}`;
}

/** The condition that a reference of an object of type `from` in `home` to `target` is under, if it leads elsewhere. */
export function grantFor(from: string, home: string | undefined, target: NameEnd): Granted | undefined {
  const { type, namespace, name } = target;
  if (!home || !namespace || namespace === home) return undefined;
  const anyOf = [grantKey(from, home, type, namespace), grantKey(from, home, type, namespace, name)];
  return { index: grantIndex, anyOf, grantedBy: grantKind, namespace };
}

/** The reference, under that condition where it needs one. */
export function granted(from: string, home: string | undefined, target: NameEnd, reference: Reference): Reference {
  const when = grantFor(from, home, target);
  return when ? { ...reference, target, when } : { ...reference, target };
}

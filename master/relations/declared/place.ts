// The place of a named object: from the reference, the declaration, and the type's scope.
import type { KubernetesObject } from '../../../src/model.ts';
import type { End, NameEnd } from '../relation.ts';
import type { Declaration } from './declaration.ts';
import { type Found, readerOf } from './path.ts';
import { isObjectName, scopeOfType } from './scope.ts';

interface Named {
  readonly type: string;
  readonly name: string;
  readonly uid?: string | undefined;
  /** From the reference itself. */
  readonly namespace: string | undefined;
}

type Place = (object: KubernetesObject, found: Found, named: Named) => End | undefined;

/** Undefined if a namespaced object has no namespace. */
export function placeOf(declaration: Declaration): Place {
  const { namespace = '', otherwise, present = false } = declaration;
  const said = namespaceReader(namespace);
  return (object, found, { type, name, uid, namespace: own }) => {
    const scope = namespace === 'none' ? 'cluster' : scopeOfType(type);
    if (scope === 'cluster') return endOf({ by: 'name', type, name }, uid, present);
    const written = namespace === 'own' ? undefined : (said?.(object, found) ?? own);
    // Explicitly cluster-scoped.
    if (written === '') return scope === 'unknown' ? endOf({ by: 'name', type, name }, uid, present) : undefined;
    const place = written ?? textual(object.metadata.namespace) ?? otherwise;
    if (place !== undefined && !isObjectName(place)) return undefined;
    if (place === undefined) return scope === 'unknown' ? endOf({ by: 'name', type, name }, uid, present) : undefined;
    const end = { by: 'name', type, namespace: place, name } as const;
    if (namespace !== 'either' || written !== undefined) return endOf(end, uid, present);
    return { by: 'first', of: [end, { by: 'name', type, name }], ...(present ? {} : { otherwise: end }) };
  };
}

function endOf(end: NameEnd, uid: string | undefined, present: boolean): End {
  if (uid !== undefined) return { ...end, by: 'uid', uid };
  return present ? { by: 'first', of: [end] } : end;
}

function textual(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const words: readonly string[] = ['', 'own', 'none', 'either', 'all'];

function namespaceReader(namespace: string) {
  if (words.includes(namespace)) return undefined;
  const read = readerOf(namespace);
  return (object: KubernetesObject, found: Found): string | undefined => {
    let said: string | undefined;
    read(object, found, (value) => (said ??= textual(value)));
    return said;
  };
}

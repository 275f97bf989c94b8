// Attributes of a declared relation: optional, weight, readiness.
import type { KubernetesObject } from '../../../src/model.ts';
import type { Reference } from '../relation.ts';
import type { Declaration } from './declaration.ts';
import { type Found, readerOf } from './path.ts';

type Said = Omit<Reference, 'source' | 'target'>;
type Read = (object: KubernetesObject, found: Found) => unknown;

export function saidOf(declaration: Declaration): (object: KubernetesObject, found: Found) => Said {
  const optional = reader(declaration.optional);
  const weight = reader(declaration.weight);
  const ready = reader(declaration.ready);
  const { guess } = declaration;
  return (object, found) => {
    const heavy = weight?.(object, found);
    const isReady = ready?.(object, found);
    return {
      field: found.path(),
      ...(optional?.(object, found) === true && { optional: true }),
      ...(typeof isReady === 'boolean' && { ready: isReady }),
      ...(guess && { guess }),
      ...(typeof heavy === 'number' && Number.isFinite(heavy) && { notes: { weight: heavy } }),
      // Nothing depends on a target without weight.
      ...(heavy === 0 && { dependence: 'none' as const }),
    };
  };
}

/** The first value of the field. */
function reader(field: boolean | string | undefined): Read | undefined {
  if (field === undefined) return undefined;
  if (typeof field === 'boolean') return () => field;
  const read = readerOf(field);
  return (object, found) => {
    let first: unknown;
    read(object, found, (value) => (first ??= value));
    return first;
  };
}

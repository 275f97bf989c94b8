// Selects the newest state of an object found several times: dumps contain both lists and single objects, taken at
// different times.
import { isName } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';

/** Positive if `b` is newer; 0 if unknown. */
export function compareAge(a: KubernetesObject, b: KubernetesObject): number {
  return byVersion(a, b) || latestIn(b) - latestIn(a);
}

/** Versions of one type in one cluster increase. */
function byVersion(a: KubernetesObject, b: KubernetesObject): number {
  const [one, other] = [versionOf(a), versionOf(b)];
  return one === undefined || other === undefined ? 0 : Number(other - one);
}

function versionOf({ metadata }: KubernetesObject): bigint | undefined {
  const version = String(metadata.resourceVersion);
  return /^[1-9][0-9]{0,39}$/.test(version) ? BigInt(version) : undefined;
}

/** Time of its last known write; 0 if unknown. */
function latestIn({ metadata }: KubernetesObject): number {
  const { creationTimestamp, deletionTimestamp, managedFields } = metadata as { readonly [field: string]: unknown };
  const writes = Array.isArray(managedFields) ? managedFields.map((each: { time?: unknown } | null) => each?.time) : [];
  const times = [creationTimestamp, deletionTimestamp, ...writes].map((time) =>
    typeof time === 'string' ? Date.parse(time) : 0,
  );
  return Math.max(...times.filter((time) => !Number.isNaN(time)), 0);
}

export interface Placed {
  readonly object: KubernetesObject;
  readonly place: string;
}

/** In order of first appearance. If the age is unknown the later one wins, as with apply. */
export function newestOf(all: readonly Placed[], onOther: (older: Placed, newer: Placed) => void): KubernetesObject[] {
  const newest = new Map<string, Placed>();
  for (const next of all) {
    const { namespace = '', name } = next.object.metadata;
    const key = `${namespace}/${name}`;
    const known = newest.get(key);
    if (known === undefined) newest.set(key, next);
    else {
      const [older, newer] = compareAge(known.object, next.object) >= 0 ? [known, next] : [next, known];
      newest.set(key, newer);
      if (!isSameState(older.object, newer.object)) onOther(older, newer);
    }
  }
  return [...newest.values()].map(({ object }) => object);
}

function isSameState({ metadata: a }: KubernetesObject, { metadata: b }: KubernetesObject): boolean {
  return a.uid !== undefined && a.uid === b.uid && isName(a.resourceVersion) && a.resourceVersion === b.resourceVersion;
}

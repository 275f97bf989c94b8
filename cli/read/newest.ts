// Of one object that several files hold, or one file several times, the newest state: dumps keep a list and each object
// by itself, taken one after another.
import { isName } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';

/** Positive where `b` is newer; 0 where nothing tells. */
export function compareAge(a: KubernetesObject, b: KubernetesObject): number {
  return byVersion(a, b) || latestIn(b) - latestIn(a);
}

/** Versions of objects of one type and one cluster are numbers that grow. */
function byVersion(a: KubernetesObject, b: KubernetesObject): number {
  const [one, other] = [versionOf(a), versionOf(b)];
  return one === undefined || other === undefined ? 0 : Number(other - one);
}

function versionOf({ metadata }: KubernetesObject): bigint | undefined {
  const version = String(metadata.resourceVersion);
  return /^[1-9][0-9]{0,39}$/.test(version) ? BigInt(version) : undefined;
}

/** When somebody last wrote it, as far as it says; 0 where it does not. */
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

/** In the order of the first of each. Of two that nothing tells apart the later one counts, as when both are applied. */
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

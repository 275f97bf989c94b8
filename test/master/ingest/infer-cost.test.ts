// The cost of an object is proportional to its size: no number in it determines how much is created, and no list is scanned per
// element.
import { describe, expect, it } from 'vitest';
import { createInfer } from '../../../master/ingest/infer.ts';
import { typeOfKind } from '../../../master/kinds/lookup.ts';
import { rules } from '../../../master/relations/index.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { counted } from '../../support/counted-reads.ts';
import { recordedObjects } from '../../support/hostile-objects.ts';

const infer = createInfer(rules, () => {});

/** The longest recorded object of each type. */
const largest = new Map<
  string,
  { readonly type: string; readonly object: KubernetesObject; readonly length: number }
>();
for (const { kind, object } of recordedObjects()) {
  const [type, { length }] = [typeOfKind(kind), JSON.stringify(object)];
  if (length > (largest.get(type)?.length ?? 0)) largest.set(type, { type, object, length });
}
const samples = [...largest.values()];

type Path = readonly (string | number)[];
type Holder = { [key: string | number]: unknown };

function pathsTo(value: unknown, isWanted: (value: unknown) => boolean, path: Path = []): Path[] {
  const own = isWanted(value) ? [path] : [];
  if (typeof value !== 'object' || value === null) return own;
  return [...own, ...Object.entries(value).flatMap(([key, each]) => pathsTo(each, isWanted, [...path, key]))];
}

/** A copy with another value at `path`. */
function changed(object: KubernetesObject, path: Path, change: (value: unknown) => unknown): KubernetesObject {
  const copy = structuredClone(object);
  const holder = path.slice(0, -1).reduce<Holder>((at, key) => at[key] as Holder, copy as unknown as Holder);
  const last = path.at(-1) as string;
  holder[last] = change(holder[last]);
  return copy;
}

function costOf(type: string, object: KubernetesObject): { readonly references: number; readonly reads: number } {
  const { object: watched, reads } = counted(object);
  return { references: infer(type, watched).length, reads: reads() };
}

/** A list with more elements, whose names differ. */
const longer = (times: number) => (value: unknown) =>
  Array.from({ length: times }, (_, i) =>
    structuredClone(value as unknown[]).map((each) =>
      typeof each === 'object' && each !== null && 'name' in each ? { ...each, name: `${each.name}-${i}` } : each,
    ),
  ).flat();

describe('what one object costs', () => {
  it('has something to be tried on', () => {
    expect(samples.length).toBeGreaterThan(30);
    expect(rules.length).toBeGreaterThan(150);
  });

  it.each(samples)('grows no faster than any list in $type', ({ type, object }) => {
    for (const path of pathsTo(object, (value) => Array.isArray(value) && value.length > 0)) {
      const [once, twice] = [40, 80].map((times) => costOf(type, changed(object, path, longer(times))));
      const where = path.join('.');
      expect(twice?.references, where).toBeLessThanOrEqual(2 * (once?.references ?? 0));
      expect(twice?.reads, where).toBeLessThanOrEqual(2 * (once?.reads ?? 0));
    }
  });

  it.each(samples)('does not depend on the size of any number in $type', ({ type, object }) => {
    const before = costOf(type, object);
    for (const path of pathsTo(object, (value) => typeof value === 'number')) {
      for (const number of [2147483647, 1e300, -1]) {
        const after = costOf(
          type,
          changed(object, path, () => number),
        );
        expect(after.references, path.join('.')).toBeLessThanOrEqual(before.references + 5);
        expect(after.reads, path.join('.')).toBeLessThanOrEqual(before.reads + 100);
      }
    }
  });

  it.each([
    [
      'StatefulSet',
      { replicas: 2147483647, ordinals: { start: 2147483647 }, volumeClaimTemplates: [{ metadata: { name: 'data' } }] },
    ],
    ['Job', { completions: 2147483647, parallelism: 2147483647, completionMode: 'Indexed' }],
    ['Deployment', { replicas: 2147483647 }],
    ['CronJob', { successfulJobsHistoryLimit: 2147483647 }],
    ['Service', { ports: [{ port: 65535, nodePort: 2147483647 }], healthCheckNodePort: 2147483647 }],
    ['HorizontalPodAutoscaler', { minReplicas: 1, maxReplicas: 2147483647 }],
    ['NetworkPolicy', { podSelector: {}, egress: [{ ports: [{ port: 1, endPort: 2147483647 }] }] }],
  ])('is small for a %s that only says large numbers', (type, spec) => {
    const metadata = { name: 'huge', namespace: 'tenant', uid: '11' };
    const { references } = costOf(type, {
      apiVersion: 'x/v1',
      kind: type,
      metadata,
      spec,
    } as unknown as KubernetesObject);
    expect(references).toBeLessThan(10);
  });

  it('is linear for owners by the thousand', () => {
    const of = (count: number) => {
      const ownerReferences = Array.from({ length: count }, (_, i) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: `c${i}`,
        uid: `u${i}`,
      }));
      const metadata = { name: 'many', namespace: 'tenant', uid: '1', ownerReferences };
      return costOf('ConfigMap', { apiVersion: 'v1', kind: 'ConfigMap', metadata } as unknown as KubernetesObject);
    };
    // Plus the relation from its namespace.
    expect(of(2000).references).toBe(2001);
    expect(of(2000).reads).toBeLessThanOrEqual(2 * of(1000).reads);
  });
});

import { describe, expect, it } from 'vitest';
import { findKind } from '../../../../master/kinds/index.ts';
import * as all from '../../../../master/relations/all.ts';
import { checkedRules } from '../../../../master/relations/check.ts';
import { seedObjects } from '../../../../src/demo/seed/index.ts';
import { typeOfReference } from '../../../../src/ids.ts';
import type { KubernetesObject } from '../../../../src/model.ts';

const objects = seedObjects();
const typeOf = ({ apiVersion, kind = '' }: KubernetesObject) => typeOfReference(apiVersion, kind);
const idOf = (object: KubernetesObject) =>
  `${typeOf(object)}:${object.metadata.namespace ?? ''}/${object.metadata.name}`;
const byUid = new Map(objects.map((object) => [object.metadata.uid, object]));

/** Rules that read data of runtimes or of Pods' containers. */
const runtimeRules = [
  'observed-connects-to',
  'node-stores-image',
  'container-connects-to',
  'container-contains-process',
  'container-runtime-image',
  'node-runs-container',
];

/** Rules about Services of several clusters, which the one cluster of the demo does not have. */
const fleetRules = ['service-exported', 'service-import-derived', 'slice-belongs-to-import'];

/** The objects with their parts. */
function withParts(): KubernetesObject[] {
  const parts = objects.flatMap((object) => {
    const found = findKind(typeOf(object))?.parts?.(structuredClone(object)) ?? [];
    return found.map((part) => ({ ...part.object, kind: part.type }));
  });
  return [...objects, ...parts];
}

describe('the objects of the demo cluster', () => {
  it('are each one of a kind: name and UID', () => {
    expect(objects.length).toBeGreaterThan(250);
    expect(new Set(objects.map(idOf)).size).toBe(objects.length);
    expect(byUid.size).toBe(objects.length);
  });

  it('are the same every time', () => {
    expect(seedObjects()).toEqual(objects);
  });

  it('have the fields of every real object', () => {
    for (const { metadata, apiVersion, kind } of objects) {
      expect(
        [kind, apiVersion, metadata.uid, metadata.creationTimestamp].every(Boolean),
        `${kind} ${metadata.name}`,
      ).toBe(true);
      expect(metadata.name).toMatch(/^[a-z0-9]([-a-z0-9.:]*[a-z0-9])?$/);
    }
    const managed = objects.filter(({ metadata }) => Array.isArray(metadata['managedFields']));
    expect(managed.length).toBeGreaterThan(objects.length * 0.9);
  });

  it('name owners that are there and are what they are said to be, but for the one that is left behind', () => {
    const dangling = objects.flatMap((object) =>
      (object.metadata.ownerReferences ?? []).filter((owner) => {
        const found = byUid.get(owner.uid);
        return !(
          found &&
          found.kind === owner.kind &&
          found.apiVersion === owner.apiVersion &&
          found.metadata.name === owner.name
        );
      }),
    );
    expect(dangling.map(({ kind, name }) => `${kind}/${name}`)).toContain('Deployment/retired');
    // From the recorded cluster: its node was enlarged, and two objects belong to unrecorded ones.
    expect(dangling.length).toBeLessThan(6);
  });

  it('lie in namespaces that are there', () => {
    const namespaces = new Set(objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name));
    const outside = objects.filter(({ metadata }) => metadata.namespace && !namespaces.has(metadata.namespace));
    expect(outside.map(idOf)).toEqual([]);
  });

  it('give each Pod of one network an address of its own', () => {
    const addresses = objects
      .filter(({ kind, spec }) => kind === 'Pod' && !(spec as { hostNetwork?: boolean }).hostNetwork)
      .map(({ status }) => status as { podIP?: string; phase: string })
      .filter(({ podIP, phase }) => podIP && phase === 'Running')
      .map(({ podIP }) => podIP);
    expect(addresses.length).toBeGreaterThan(15);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  const told = withParts();
  // Rules that are data are tested by the cases of their pack.
  const written = checkedRules(Object.values(all)).filter(
    ({ name }) => !runtimeRules.includes(name) && !fleetRules.includes(name),
  );
  it.each(written.map((rule) => [rule.name, rule] as const))('hold an example of the rule %s', (_name, rule) => {
    let references = 0;
    for (const object of told) {
      const type = typeOf(object);
      if (rule.reads.includes('*') || rule.reads.includes(type)) rule.infer(object, () => references++);
    }
    expect(references).toBeGreaterThan(0);
  });

  it('name some things that are not there', () => {
    const ids = new Set(objects.map(idOf));
    for (const missing of [
      'Service:web/search',
      'ConfigMap:web/checkout-env',
      'Service:edge/resolver',
      'ClusterRole:/former-operator',
      'Node:/node-gone',
    ]) {
      expect(ids.has(missing), missing).toBe(false);
      expect(JSON.stringify(objects)).toContain(missing.slice(missing.lastIndexOf('/') + 1));
    }
  });
});

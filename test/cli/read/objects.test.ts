import { describe, expect, test } from 'vitest';
import { namespacesOf, sortOut } from '../../../cli/read/objects.ts';

const named = (kind: string, metadata: object, apiVersion = 'v1', rest: object = {}) => ({
  apiVersion,
  kind,
  metadata,
  ...rest,
});

const idsIn = (documents: readonly unknown[], namespace = 'default') =>
  [...sortOut(documents, namespace).objects].flatMap(([type, list]) =>
    list.map(({ metadata }) => `${type}:${metadata.namespace ?? ''}/${metadata.name}`),
  );

describe('objects in documents', () => {
  test('single objects, Lists, lists of a kind and arrays all give their objects', () => {
    const list = { apiVersion: 'v1', kind: 'List', items: [named('Pod', { name: 'b', namespace: 'x' })] };
    const pods = { apiVersion: 'v1', kind: 'PodList', items: [{ metadata: { name: 'c', namespace: 'x' } }] };
    const array = [named('Pod', { name: 'd', namespace: 'x' })];
    expect(idsIn([named('Pod', { name: 'a', namespace: 'x' }), list, pods, array])).toEqual(
      ['a', 'b', 'c', 'd'].map((name) => `Pod:x/${name}`),
    );
  });

  test('an empty list of a kind says that there is none of it', () => {
    const found = sortOut([{ apiVersion: 'apps/v1', kind: 'DeploymentList', items: null }], 'default');
    expect([...found.objects]).toEqual([['Deployment', []]]);
  });

  test('what is no named object is counted and left out', () => {
    const values = [{ image: 'x' }, 'text', 7, named('Job', { generateName: 'x-' }), { apiVersion: 'v1', kind: 'Pod' }];
    const found = sortOut(values, 'default');
    expect(found.skipped).toBe(values.length);
    expect(found.objects.size).toBe(0);
  });
});

describe('namespaces', () => {
  test('an object of a namespaced kind that names none is where -n says', () => {
    expect(idsIn([named('Pod', { name: 'a' })], 'shop')).toEqual(['Pod:shop/a']);
  });

  test('an object of the cluster is in none, whatever it says', () => {
    expect(idsIn([named('Node', { name: 'a', namespace: 'x' }), named('Namespace', { name: 'b' })])).toEqual([
      'Node:/a',
      'Namespace:/b',
    ]);
  });

  test('a custom kind is in namespaces or not as its definition says', () => {
    const spec = { group: 'acme.io', scope: 'Cluster', names: { kind: 'Zone', plural: 'zones', shortNames: ['zn'] } };
    const definition = named('CustomResourceDefinition', { name: 'zones.acme.io' }, 'apiextensions.k8s.io/v1', {
      spec,
    });
    const found = sortOut([named('Zone', { name: 'a' }, 'acme.io/v1'), definition], 'default');
    expect(found.objects.get('Zone.acme.io')?.[0]?.metadata.namespace).toBeUndefined();
    expect(found.kinds.get('Zone.acme.io')).toMatchObject({ plural: 'zones', namespaced: false, aliases: ['zn'] });
  });

  test('without a definition, an object that an API server keeps outside of namespaces is outside', () => {
    expect(idsIn([named('Zone', { name: 'a', uid: '1' }, 'acme.io/v1')])).toEqual(['Zone.acme.io:/a']);
    expect(idsIn([named('Widget', { name: 'a' }, 'acme.io/v1')])).toEqual(['Widget.acme.io:default/a']);
  });

  test('those that were looked at are those of the objects, and those that are given themselves', () => {
    const found = sortOut([named('Pod', { name: 'a', namespace: 'x' }), named('Namespace', { name: 'y' })], 'default');
    expect(namespacesOf(found)).toEqual(['x', 'y']);
  });
});

import { expect, test } from 'vitest';
import { createTypeNames } from '../../master/type-names.ts';
import { scopeOf } from '../../src/scopes.ts';

test.each([
  ['karpenter.sh', 'NodePool'],
  ['pkg.crossplane.io', 'ProviderRevision'],
  ['example.org', 'ClusterWidget'],
  ['example.org', 'GlobalWidget'],
  ['external-secrets.io', 'ClusterSecretStore'],
])('%s/%s is known to be outside of namespaces', (group, kind) => expect(scopeOf(group, kind)).toBe('Cluster'));

test.each([
  ['cluster.x-k8s.io', 'Cluster'],
  ['cluster.x-k8s.io', 'ClusterClass'],
  ['postgresql.cnpg.io', 'Cluster'],
  ['example.org', 'Widget'],
  ['', 'ClusterRole'],
])('of %s/%s nothing is known by its name', (group, kind) => expect(scopeOf(group, kind)).toBeUndefined());

test('an owner of such a kind is looked for outside of namespaces, and a kind that was shown is what it says', () => {
  const names = createTypeNames([]);
  expect(names.clusterScoped('ProviderRevision.pkg.crossplane.io')).toBe(true);
  expect(names.clusterScoped('Widget.example.org')).toBe(false);
  names.add({
    kind: 'ClusterThing',
    group: 'example.org',
    versions: ['v1'],
    plural: 'clusterthings',
    namespaced: true,
  });
  expect(names.clusterScoped('ClusterThing.example.org')).toBe(false);
});

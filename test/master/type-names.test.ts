import { expect, test } from 'vitest';
import { kinds } from '../../master/kinds/index.ts';
import { createTypeNames } from '../../master/type-names.ts';

const widget = {
  kind: 'Widget',
  group: 'acme.example.com',
  versions: ['v1'],
  plural: 'widgets',
  namespaced: false,
} as const;

test.each([
  ['Node', 'Node'],
  ['nodes', 'Node'],
  ['NODES', 'Node'],
  ['po', 'Pod'],
  ['rcontrollers', 'ReplicationController'],
  ['containers', 'Container'],
  ['image', 'Image'],
  ['processes', 'Process'],
  ['deployments.apps', 'Deployment'],
  ['HTTPRoute', 'HTTPRoute.gateway.networking.k8s.io'],
  ['hosts', 'Host'],
  ['nonsense', undefined],
  ['__proto__', undefined],
  ['constructor', undefined],
  ['', undefined],
])('%j means the type %j', (name, type) => {
  expect(createTypeNames(kinds).find(name)).toBe(type);
});

test('a kind that discovery finds is known by its names from then on, and as outside of namespaces', () => {
  const names = createTypeNames(kinds);
  expect(names.find('widgets')).toBeUndefined();
  expect(names.clusterScoped('Widget.acme.example.com')).toBe(false);
  names.add(widget);
  for (const name of ['Widget', 'widgets', 'widgets.acme.example.com'])
    expect(names.find(name)).toBe('Widget.acme.example.com');
  expect(names.clusterScoped('Widget.acme.example.com')).toBe(true);
});

test('a registered kind keeps its name when another of that name is found', () => {
  const names = createTypeNames(kinds);
  names.add({ ...widget, kind: 'Service', plural: 'services', group: 'serving.knative.dev', namespaced: true });
  expect(names.find('services')).toBe('Service');
  expect(names.find('services.serving.knative.dev')).toBe('Service.serving.knative.dev');
});

const custom = (kind: string, group: string, plural: string, aliases: readonly string[] = []) => ({
  kind,
  group,
  versions: ['v1'],
  plural,
  namespaced: true,
  aliases,
});

test.each([
  ['a kind', 'Backup', ['Backup.a.example.com', 'Backup.b.example.com']],
  ['a plural', 'BACKUPS', ['Backup.a.example.com', 'Backup.b.example.com']],
  ['a short name', 'bk', ['Backup.a.example.com', 'Bucket.b.example.com']],
  ['a plural of one kind that is the short name of another', 'vaults', ['Vault.a.example.com']],
  ['a plural with its group', 'backups.b.example.com', ['Backup.b.example.com']],
  ['a name that a virtual type has, too', 'users', ['User', 'User.b.example.com']],
  ['a virtual type in its own spelling', 'User', ['User', 'User.b.example.com']],
  ['a type with its group in its own spelling', 'User.b.example.com', ['User.b.example.com']],
  ['a name that the API server uses itself', 'services', ['Service']],
])('%s means every type that it can mean: %s', (_, name, types) => {
  const names = createTypeNames(kinds);
  for (const kind of [
    custom('Backup', 'b.example.com', 'backups', []),
    custom('Backup', 'a.example.com', 'backups', ['bk']),
    custom('Bucket', 'b.example.com', 'buckets', ['bk', 'vaults']),
    custom('Vault', 'a.example.com', 'vaults'),
    custom('User', 'b.example.com', 'users'),
    custom('Service', 'a.example.com', 'services'),
  ])
    names.add(kind);
  expect(names.meant(name)).toEqual(types);
  expect(names.find(name)).toBe(types.length === 1 ? types[0] : undefined);
});

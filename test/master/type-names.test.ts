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

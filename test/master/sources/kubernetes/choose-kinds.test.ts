import { expect, test } from 'vitest';
import { findKind, kinds } from '../../../../master/kinds/index.ts';
import type { Kind } from '../../../../master/kinds/kind.ts';
import { type ChosenKinds, chooseKinds } from '../../../../master/sources/kubernetes/choose-kinds.ts';
import type { Served, ServedResource } from '../../../../master/sources/kubernetes/discover.ts';

const verbs = ['get', 'list', 'watch'];
const none = { add: [], omit: [] };

function resource(
  group: string,
  version: string,
  kind: string,
  plural: string,
  more: Partial<ServedResource> = {},
): ServedResource {
  return { group, version, kind, plural, namespaced: true, verbs, shortNames: [], preferred: true, ...more };
}

function served(...resources: ServedResource[]): Served {
  return { resources, subresources: 0, failures: [] };
}

function names({ read }: ChosenKinds): string[] {
  return read.map(({ kind, version }) => `${kind.plural}.${kind.group}/${version}`);
}

const pods = resource('', 'v1', 'Pod', 'pods');
const widgets = resource('acme.test', 'v1', 'Widget', 'widgets', { shortNames: ['wd'] });

function state(chosen: ChosenKinds, kind: string): string | undefined {
  return chosen.unread.find((one) => one.kind.kind === kind)?.state;
}

test('kinds of the registry are read where they are served, others are absent', () => {
  const chosen = chooseKinds(kinds, served(pods), none);
  expect(names(chosen)).toEqual(['pods./v1']);
  expect(state(chosen, 'Service')).toBe('absent');
});

test('of several versions the first that the kind knows is read, else the preferred one, and never two', () => {
  const kind: Kind = {
    kind: 'Widget',
    group: 'acme.test',
    plural: 'widgets',
    versions: ['v2', 'v1'],
    namespaced: true,
  };
  const versions = ['v3', 'v1', 'v2'].map((version, i) =>
    resource('acme.test', version, 'Widget', 'widgets', { preferred: i === 0 }),
  );
  expect(names(chooseKinds([kind], served(...versions), none))).toEqual(['widgets.acme.test/v2']);
  expect(names(chooseKinds([{ ...kind, versions: ['v9'] }], served(...versions), none))).toEqual([
    'widgets.acme.test/v3',
  ]);
  expect(names(chooseKinds([], served(...versions), none))).toEqual(['widgets.acme.test/v3']);
});

test('a custom kind is read when it can be listed and watched, with its short names', () => {
  const notes = resource('acme.test', 'v1', 'Note', 'notes', { verbs: ['list'] });
  const chosen = chooseKinds(kinds, served(widgets, notes), none);
  expect(chosen.read).toEqual([
    { kind: expect.objectContaining({ kind: 'Widget', aliases: ['wd'] }), version: 'v1', watchable: true },
  ]);
});

test('a kind of the registry that cannot be watched is read', () => {
  const chosen = chooseKinds(kinds, served({ ...pods, verbs: ['list'] }), none);
  expect(chosen.read).toMatchObject([{ watchable: false }]);
});

const noise = [
  resource('', 'v1', 'Event', 'events'),
  resource('events.k8s.io', 'v1', 'Event', 'events'),
  resource('', 'v1', 'Endpoints', 'endpoints'),
  resource('', 'v1', 'ComponentStatus', 'componentstatuses', { verbs: ['get', 'list'] }),
  resource('', 'v1', 'Binding', 'bindings', { verbs: ['create'] }),
  resource('coordination.k8s.io', 'v1', 'Lease', 'leases'),
  resource('metrics.k8s.io', 'v1beta1', 'PodMetrics', 'pods'),
];

test('what is not an object of a graph is left out', () => {
  expect(names(chooseKinds(kinds, served(pods, ...noise), none))).toEqual(['pods./v1']);
});

test('the switch adds what is left out, once though two groups serve it', () => {
  const chosen = chooseKinds(kinds, served(pods, ...noise), {
    add: ['Event', 'endpoints', 'leases.coordination.k8s.io'],
    omit: [],
  });
  expect(names(chosen).toSorted()).toEqual([
    'endpoints./v1',
    'events./v1',
    'leases.coordination.k8s.io/v1',
    'pods./v1',
  ]);
});

test.each(['Widget', 'widgets', 'wd', 'WIDGETS.acme.test', '*.acme.test'])(
  'the switch leaves out a custom kind by the name %s',
  (name) => {
    expect(names(chooseKinds(kinds, served(pods, widgets), { add: [], omit: [name] }))).toEqual(['pods./v1']);
  },
);

test('a name of the registry leaves out that kind alone, and it is told to be excluded', () => {
  const knative = resource('serving.knative.dev', 'v1', 'Service', 'services');
  const chosen = chooseKinds(kinds, served(resource('', 'v1', 'Service', 'services'), knative), {
    add: [],
    omit: ['svc'],
  });
  expect(findKind('svc')?.kind).toBe('Service');
  expect(names(chosen)).toEqual(['services.serving.knative.dev/v1']);
  expect(state(chosen, 'Service')).toBe('excluded');
});

test('a kind whose group does not answer is not known, which is not absent', () => {
  const failures = [{ group: 'gateway.networking.k8s.io', version: 'v1', reason: 'away' }];
  const chosen = chooseKinds(kinds, { resources: [pods], subresources: 0, failures }, none);
  expect(chosen.unread.find(({ kind }) => kind.kind === 'HTTPRoute')).toMatchObject({
    state: 'unknown',
    reason: 'away',
  });
});

test('every kind that is served and not read is named with the reason', () => {
  const listOnly = resource('reports.example.com', 'v1', 'Report', 'reports', { verbs: ['get', 'list'] });
  const writeOnly = resource('authorization.k8s.io', 'v1', 'SubjectAccessReview', 'subjectaccessreviews', {
    verbs: ['create'],
  });
  const all = { ...served(pods, widgets, listOnly, writeOnly, ...noise), subresources: 57 };
  const { leftOut } = chooseKinds(kinds, all, { add: [], omit: ['Widget'] });
  expect(Object.fromEntries(leftOut)).toEqual({
    'events.events.k8s.io': 'the same objects as the core Events',
    endpoints: 'EndpointSlices say the same, and more',
    componentstatuses: 'made up at each request, and deprecated',
    bindings: 'it cannot be listed',
    'pods.metrics.k8s.io': 'measurements, other at each request',
    'reports.reports.example.com':
      'it cannot be watched; listed again and again with CLUSTER_INSIGHT_KINDS=+Report.reports.example.com',
    'subjectaccessreviews.authorization.k8s.io': 'it cannot be listed',
    'widgets.acme.test': 'left out by CLUSTER_INSIGHT_KINDS',
    'sub-resources': '57 of them: parts of objects that are read, or actions on them',
  });
});

test('every resource that is served is read, unread or left out, and only one of them', () => {
  const all = [pods, widgets, ...noise, resource('x.test', 'v1', 'Note', 'notes', { verbs: ['list'] })];
  const chosen = chooseKinds(kinds, served(...all), none);
  const named = (kind: Kind) => `${kind.plural}.${kind.group}`.replace(/\.$/, '');
  const told = [
    ...chosen.read.map(({ kind }) => named(kind)),
    ...chosen.unread.map(({ kind }) => named(kind)),
    ...chosen.leftOut.keys(),
  ];
  expect(new Set(told).size).toBe(told.length);
  for (const { plural, group } of all) expect(told).toContain(group === '' ? plural : `${plural}.${group}`);
});

test('a list without a watch is polled where it is asked for', () => {
  const notes = resource('acme.test', 'v1', 'Note', 'notes', { verbs: ['list'] });
  const chosen = chooseKinds(kinds, served(notes), { add: ['Note.acme.test'], omit: [] });
  expect(chosen.read).toMatchObject([{ kind: { kind: 'Note' }, watchable: false }]);
});

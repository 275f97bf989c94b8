import { describe, expect, test } from 'vitest';
import { LeftOut } from '../../../cli/read/left-out.ts';
import { namespacesOf, sortOut } from '../../../cli/read/objects.ts';

const named = (kind: string, metadata: object, apiVersion = 'v1', rest: object = {}) => ({
  apiVersion,
  kind,
  metadata,
  ...rest,
});

const sorted = (values: readonly unknown[], namespace = 'default', path = 'file.yaml') => {
  const leftOut = new LeftOut();
  const documents = values.map((value, i) => ({ value, path, line: i + 1 }));
  return { ...sortOut(documents, namespace, leftOut), lines: leftOut.lines() };
};

const idsIn = (documents: readonly unknown[], namespace = 'default') =>
  [...sorted(documents, namespace).objects].flatMap(([type, list]) =>
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

  test('an empty list of a kind means that there are none', () => {
    const found = sorted([{ apiVersion: 'apps/v1', kind: 'DeploymentList', items: null }]);
    expect([...found.objects]).toEqual([['Deployment', []]]);
  });

  test('entries that are no named objects are counted and left out', () => {
    const values = [{ image: 'x' }, 'text', 7, named('Job', { generateName: 'x-' }), { apiVersion: 'v1', kind: 'Pod' }];
    const found = sorted(values);
    expect(found.objects.size).toBe(0);
    expect(found.lines).toEqual([
      'left out because it has no apiVersion and kind (1): file.yaml:1',
      'left out because it is not an object (2): file.yaml:2, file.yaml:3',
      'left out because it has no name (2): file.yaml:4, file.yaml:5',
    ]);
  });
});

describe('lists that do not say what they are', () => {
  const items = [{ metadata: { name: 'a', namespace: 'x' } }];

  test.each([
    ['cluster-resources/pods/x.json', items, 'Pod:x/a'],
    ['dump/deployments.json', { items }, 'Deployment:x/a'],
    ['resources/ns/x/core_v1_services.json', { items }, 'Service:x/a'],
    ['resources/ns/x/apps_v1_daemonsets.yaml.gz', { apiVersion: 'v1', items }, 'DaemonSet:x/a'],
  ])('in %s are what the path says', (path, value, id) => {
    const found = sorted([value], 'default', path);
    const ids = [...found.objects].flatMap(([type, list]) =>
      list.map(({ metadata }) => `${type}:${metadata.namespace}/${metadata.name}`),
    );
    expect(ids).toEqual([id]);
    expect(found.lines).toEqual([]);
  });

  test('hold what their items say, whatever the path says', () => {
    const pod = named('Pod', { name: 'a', namespace: 'x' });
    expect([...sorted([{ items: [pod] }, [pod]], 'default', 'services.json').objects.keys()]).toContain('Pod');
  });

  test('are told where nothing says what they are', () => {
    expect(sorted([{ items }, items], 'default', 'things.json').lines).toEqual([
      'left out because it has no apiVersion and kind (2): things.json:1, things.json:2',
    ]);
  });
});

describe('hooks of Helm', () => {
  const hook = (kind: string, words: string, metadata: object = {}) =>
    named(kind, { name: 'a', annotations: { 'helm.sh/hook': words }, ...metadata }, 'batch/v1');

  test('and its tests are left out and counted, as they do not stay', () => {
    const found = sorted([
      hook('Job', 'pre-install,pre-upgrade'),
      hook('Job', 'test'),
      hook('CronJob', 'test-success'),
    ]);
    expect(found.objects.size).toBe(0);
    expect(found.lines).toEqual([
      expect.stringMatching(/Helm hook or test, .*\(3\): file\.yaml:1, file\.yaml:2, file/),
    ]);
  });

  test('are there where an API server has seen them', () => {
    expect(idsIn([hook('Job', 'post-install', { uid: '1' })])).toEqual(['Job:default/a']);
  });

  test('an annotation that says nothing is no hook', () => {
    expect(idsIn([hook('Job', ''), named('Job', { name: 'b', annotations: null }, 'batch/v1')])).toHaveLength(2);
  });
});

describe('the same object more than once', () => {
  const pod = (resourceVersion: unknown, phase: string, metadata: object = {}) =>
    named('Pod', { name: 'a', namespace: 'x', uid: '1', resourceVersion, ...metadata }, 'v1', { status: { phase } });
  const phaseOf = (documents: readonly unknown[]) =>
    (sorted(documents).objects.get('Pod') as unknown as { status: { phase: string } }[]).map(
      ({ status }) => status.phase,
    );

  test.each([
    ['a version is a number, not a text', [pod('10', 'new'), pod('9', 'old')]],
    ['the order of files does not matter then', [pod('99', 'old'), pod('100', 'new'), pod('98', 'older')]],
    [
      'versions may be longer than a number of JavaScript',
      [pod('9007199254740993', 'new'), pod('9007199254740992', 'old')],
    ],
    ['a version without quotes counts as well', [pod(30, 'new'), pod(4, 'old')]],
    [
      'without versions the time of the last write counts',
      [
        pod(undefined, 'new', { managedFields: [{ time: '2026-02-02T00:00:00Z' }, null] }),
        pod(undefined, 'old', { creationTimestamp: '2026-02-01T00:00:00Z' }),
      ],
    ],
    ['where nothing tells, the later one counts, as when both are applied', [pod(undefined, 'old'), pod('', 'new')]],
  ])('%s', (_, documents) => {
    expect(phaseOf(documents)).toEqual(['new']);
    expect(sorted(documents).lines).toEqual([expect.stringMatching(/another state of the same object is newer/)]);
  });

  test('in the same state is not a word worth', () => {
    expect(sorted([pod('7', 'same'), pod('7', 'same')]).lines).toEqual([]);
  });

  test('in another namespace, or of another kind, is another', () => {
    const other = [pod('1', 'a'), pod('2', 'b', { namespace: 'y' }), named('Service', { name: 'a', namespace: 'x' })];
    expect(idsIn(other)).toHaveLength(3);
  });
});

describe('an OpenShift Template', () => {
  const template = (rest: object, metadata: object = { name: 't', namespace: 'x' }) =>
    named('Template', metadata, 'template.openshift.io/v1', rest);

  test('gives its objects, as they are with the values of its parameters', () => {
    const found = sorted([
      template({
        labels: { made: 'by-t' },
        parameters: [
          { name: 'NAME', value: 'web' },
          { name: 'COUNT', value: '3' },
          { name: 'KEY', generate: 'expression' },
        ],
        objects: [
          named('Service', { name: '${NAME}-svc', labels: { app: '${NAME}' } }),
          named('Deployment', { name: '${NAME}' }, 'apps/v1', {
            spec: { replicas: '${{COUNT}}', paused: '${{NONE}}' },
          }),
          named('ConfigMap', { name: 'c', namespace: 'y' }, 'v1', { data: { '${NAME}': '${KEY}' } }),
        ],
      }),
    ]);
    expect(found.objects.get('Service')).toMatchObject([
      { metadata: { name: 'web-svc', namespace: 'x', labels: { app: 'web', made: 'by-t' } } },
    ]);
    expect(found.objects.get('Deployment')).toMatchObject([
      { metadata: { name: 'web' }, spec: { replicas: 3, paused: '${{NONE}}' } },
    ]);
    expect(found.objects.get('ConfigMap')).toMatchObject([{ metadata: { namespace: 'y' }, data: { web: '${KEY}' } }]);
    expect(found.objects.get('Template.template.openshift.io')).toHaveLength(1);
  });

  test('in a List, of the old API, and one within another, are read alike', () => {
    const inner = {
      apiVersion: 'v1',
      kind: 'Template',
      metadata: { name: 'i' },
      objects: [named('Pod', { name: 'p' })],
    };
    const list = { apiVersion: 'v1', kind: 'List', items: [template({ objects: [inner] })] };
    expect(sorted([list]).objects.get('Pod')).toMatchObject([{ metadata: { name: 'p', namespace: 'x' } }]);
  });

  test('that a cluster keeps is a plan, and its objects are told and not read', () => {
    const kept = template(
      { objects: [named('Pod', { name: 'p' }), named('Pod', { name: 'q' })] },
      { name: 't', uid: '1' },
    );
    const found = sorted([kept]);
    expect([...found.objects.keys()]).toEqual(['Template.template.openshift.io']);
    expect(found.lines).toEqual([expect.stringMatching(/only a plan \(2\): file\.yaml:1/)]);
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
    const found = sorted([named('Zone', { name: 'a' }, 'acme.io/v1'), definition]);
    expect(found.objects.get('Zone.acme.io')?.[0]?.metadata.namespace).toBeUndefined();
    expect(found.kinds.get('Zone.acme.io')).toMatchObject({ plural: 'zones', namespaced: false, aliases: ['zn'] });
  });

  test('without a definition, an object that an API server keeps outside of namespaces is outside', () => {
    expect(idsIn([named('Zone', { name: 'a', uid: '1' }, 'acme.io/v1')])).toEqual(['Zone.acme.io:/a']);
    expect(idsIn([named('Widget', { name: 'a' }, 'acme.io/v1')])).toEqual(['Widget.acme.io:default/a']);
  });

  test.each([
    [[named('Widget', { name: 'a' }, 'acme.io/v1')], true],
    [[named('Rack', { name: 'a' }, 'dc.example.org/v1'), named('Rack', { name: 'b' }, 'dc.example.org/v1')], true],
    [[named('Tree', { name: 'a', namespace: '' }, 'forest.example.net/v1')], true],
    [
      [named('Widget', { name: 'a' }, 'acme.io/v1'), named('Widget', { name: 'b', namespace: 'x' }, 'acme.io/v1')],
      false,
    ],
    [[named('Widget', { name: 'a', namespace: 'x' }, 'acme.io/v1')], false],
    [[named('Widget', { name: 'a', uid: '1' }, 'acme.io/v1')], false],
    [[named('ClusterWidget', { name: 'a' }, 'acme.io/v1')], false],
    [[named('Certificate', { name: 'a' }, 'cert-manager.io/v1')], false],
    [[named('Pod', { name: 'a' })], false],
  ])('of a custom kind that nothing is known of are assumed, and that is told: %#', (documents, isAssumed) => {
    const { kinds, lines } = sorted(documents, 'shop');
    expect([...kinds.values()].map(({ scopeUnknown = false }) => scopeUnknown)).toEqual([isAssumed]);
    expect(lines).toHaveLength(isAssumed ? 1 : 0);
    if (isAssumed) expect(lines[0]).toMatch(/nothing says whether it is in namespaces; shown in shop as a guess/);
  });

  test('that an API server has said count more than what a name sounds like', () => {
    const served = named('GlobalWidget', { name: 'a', namespace: 'x', uid: '1' }, 'acme.io/v1');
    expect(idsIn([served])).toEqual(['GlobalWidget.acme.io:x/a']);
  });

  test('those that were looked at are those of the objects, and those that are given themselves', () => {
    const found = sorted([named('Pod', { name: 'a', namespace: 'x' }), named('Namespace', { name: 'y' })]);
    expect(namespacesOf(found)).toEqual(['x', 'y']);
  });
});

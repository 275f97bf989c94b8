// Validates all manifests against Kubernetes' schema, field by field.
import { describe, expect, test } from 'vitest';
import { chartCases, rendering } from '../support/chart.ts';
import { complaints, modelName } from '../support/kubernetes-schema.ts';
import { composed, kustomize, type Manifest, objectsOf, root } from '../support/manifests.ts';

const master = ['base', 'rbac/cluster'];
const runtimes = ['containerd', 'crio', 'docker'];

/** Each is built once. */
function once(make: () => Manifest[]): () => Manifest[] {
  let made: Manifest[] | undefined;
  return () => (made ??= make());
}

const variants = (
  [
    ...['minimal', 'default', 'ha', 'namespaced'].map(
      (name) => [`the overlay ${name}`, () => kustomize(`${root}/manifests/overlays/${name}`)] as const,
    ),
    ...runtimes.map(
      (name) =>
        [`minions of ${name}`, () => composed(master, ['components/minion', `components/runtime-${name}`])] as const,
    ),
    [
      'probes',
      () =>
        composed(
          master,
          ['minion', 'runtime-containerd', 'probes', 'probes-tcp'].map((name) => `components/${name}`),
        ),
    ],
    ['secrets and events', () => composed(master, ['components/secrets', 'components/events'])],
    ['rules', () => composed(master, ['components/rules'])],
    ['connections', () => composed(master, ['components/connections'])],
    ['alerts', () => composed(master, ['components/alerts'])],
    ['replicas', () => composed(master, ['components/stream', 'components/replicas'])],
    [
      'a Lease for publishers',
      () => composed(master, ['components/ha', 'components/stream', 'components/stream-lease']),
    ],
    ['export', () => composed(master, ['components/export'])],
    ['actor', () => composed(master, ['components/actor'])],
    ['actor-uplink', () => composed(master, ['components/uplink', 'components/actor', 'components/actor-uplink'])],
    ['monitors', () => composed(master, ['components/service-monitor'])],
    ...chartCases.map((each) => [`the chart as ${each.name}`, () => objectsOf(rendering(each))] as const),
  ] satisfies (readonly [string, () => Manifest[]])[]
).map(([name, make]) => [name, once(make)] as const);

/** A kind of the Prometheus operator, unknown to Kubernetes' schema. */
const isMonitor = ({ apiVersion }: Manifest) => apiVersion === 'monitoring.coreos.com/v1';

describe.each(variants)('%s', (_, make) => {
  test('says only what Kubernetes understands', () => {
    const objects = make().filter((object) => !isMonitor(object));
    expect(objects.length).toBeGreaterThan(5);
    expect(objects.flatMap(complaints)).toEqual([]);
  });
});

describe('the description', () => {
  const sound = () => structuredClone(composed(master).find(({ kind }) => kind === 'Deployment')) as Manifest;
  const changed = (change: (spec: { [field: string]: unknown }) => void) => {
    const object = sound();
    change(
      (object.spec as { template: { spec: { containers: { [field: string]: unknown }[] } } }).template.spec
        .containers[0] ?? {},
    );
    return complaints(object);
  };

  test('knows every kind that is applied', () => {
    const all = variants.flatMap(([, make]) => make()).filter((object) => !isMonitor(object));
    expect(all.filter((object) => modelName(object) === undefined)).toEqual([]);
    expect(new Set(all.map(({ kind }) => kind)).size).toBeGreaterThan(10);
  });

  test('finds a field that there is not', () => {
    expect(changed((container) => (container['readOnly'] = true))).toEqual([
      'Deployment.spec.template.spec.containers[0].readOnly is not a field',
    ]);
  });

  test.each([
    ['args', 'master', 'args is not of type Array<string>'],
    ['args', [1], 'args[0] is not of type string'],
    ['image', 3, 'image is not of type string'],
    ['resources', { limits: { cpu: 2 } }, 'resources.limits.cpu is not of type string'],
    ['securityContext', { readOnlyRootFilesystem: 'true' }, 'readOnlyRootFilesystem is not of type boolean'],
    ['env', [{ name: 'A', value: true }], 'env[0].value is not of type string'],
    ['livenessProbe', { httpGet: { port: 1.5 } }, 'livenessProbe.httpGet.port is not of type IntOrString'],
  ])('finds %s of a wrong type: %j', (field, value, message) => {
    const found = changed((container) => (container[field] = value));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  test('does not take a custom resource for one of its own', () => {
    const object: Manifest = { apiVersion: 'acme.example.com/v1', kind: 'Deployment', metadata: { name: 'x' } };
    expect(complaints(object)).toEqual(['acme.example.com/v1 Deployment is unknown']);
  });
});

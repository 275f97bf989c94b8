import { expect, test } from 'vitest';
import { argoRelease } from '../../../../master/export/releases/argo.ts';
import type { KubernetesObject } from '../../../../src/model.ts';

const application = (status: object, apiVersion = 'argoproj.io/v1alpha1'): KubernetesObject => ({
  apiVersion,
  kind: 'Application',
  metadata: { name: 'shop', namespace: 'argocd' },
  spec: { source: { repoURL: 'https://github.com/acme/shop.git', targetRevision: 'v1.2', chart: 'web' } },
  status,
});
const read = (object: KubernetesObject) => {
  const item = argoRelease(object);
  return item && JSON.parse(item.bytes.toString());
};

test('the version is the id of the newest history entry', () => {
  const history = [
    { id: 6, deployedAt: '2026-01-01T00:00:00Z' },
    { id: 7, deployedAt: '2026-02-01T00:00:00Z' },
  ];
  const resources = [{ group: 'apps', version: 'v1', kind: 'Deployment', name: 'web', namespace: 'shop' }];
  expect(read(application({ history, health: { status: 'Healthy' }, sourceType: 'Helm', resources }))).toMatchObject({
    name: 'shop',
    version: 7,
    info: { status: 'deployed', first_deployed: '2026-01-01T00:00:00Z', last_deployed: '2026-02-01T00:00:00Z' },
    chart: { metadata: { name: 'web', home: 'https://github.com/acme/shop', version: 'v1.2' } },
    manifest: expect.stringMatching(/kind: Deployment[^]*argocd.argoproj.io\/instance: shop/),
  });
});

test.each([
  ['Degraded', 'failed'],
  ['Missing', 'failed'],
  ['Unknown', 'unknown'],
  ['Progressing', 'deployed'],
])('health %s means %s', (status, expected) => {
  expect(read(application({ health: { status } })).info.status).toBe(expected);
});

test.each([[{ history: [] }], [{ history: null }], [{}], [{ history: [null, 'x'], resources: 'no' }]])(
  'a status of %j crashes nothing',
  (status) => expect(read(application(status)).version).toBe(0),
);

test('ignores other Applications, and those of Kustomize', () => {
  expect(read(application({}, 'app.k8s.io/v1beta1'))).toBeUndefined();
  expect(read(application({ sourceType: 'Kustomize' }))).toBeUndefined();
});

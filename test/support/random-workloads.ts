// Random workloads for tests of impact: Pods on few nodes, in ReplicaSets of Deployments, behind shared Services and Ingresses;
// some finished, some not ready.
import fc from 'fast-check';
import type { KubernetesObject } from '../../src/model.ts';

const label = fc.constantFrom('x', 'y');
const few = { minLength: 1, maxLength: 3 };

const pod = fc.record({
  node: fc.constantFrom('n1', 'n2'),
  set: fc.option(fc.nat(2), { nil: undefined }),
  app: label,
  phase: fc.constantFrom('Running', 'Running', 'Running', 'Pending', 'Failed'),
  config: fc.option(fc.constantFrom('c1', 'c2'), { nil: undefined }),
});

const owner = (kind: string, name: string) => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: `${kind}-${name}`, controller: true }],
});

type Made = readonly [kind: string, name: string, rest: object, metadata?: object];

export const workloads: fc.Arbitrary<readonly KubernetesObject[]> = fc
  .record({
    pods: fc.array(pod, { minLength: 2, maxLength: 9 }),
    sets: fc.array(fc.option(fc.nat(1), { nil: undefined }), few),
    services: fc.array(label, few),
    ingresses: fc.array(fc.nat(2), few),
    notReady: fc.array(fc.nat(8), { maxLength: 3 }),
  })
  .map(({ pods, sets, services, ingresses, notReady }) => {
    const made: Made[] = [
      ['Node', 'n1', {}],
      ['Node', 'n2', {}],
      ['ConfigMap', 'c1', {}],
      ['Deployment', 'd0', { apiVersion: 'apps/v1' }],
      ['Deployment', 'd1', { apiVersion: 'apps/v1' }],
      ...sets.map(
        (up, i): Made => [
          'ReplicaSet',
          `r${i}`,
          { apiVersion: 'apps/v1' },
          up === undefined ? {} : owner('Deployment', `d${up}`),
        ],
      ),
      ...pods.map((one, i): Made => {
        const envFrom = one.config ? [{ configMapRef: { name: one.config } }] : [];
        const spec = { nodeName: one.node, serviceAccountName: 'own', containers: [{ name: 'c', envFrom }] };
        const metadata = {
          labels: { app: one.app },
          ...(one.set === undefined ? {} : owner('ReplicaSet', `r${one.set}`)),
        };
        return ['Pod', `p${i}`, { spec, status: { phase: one.phase } }, metadata];
      }),
      ...services.map((app, i): Made => ['Service', `s${i}`, { spec: { selector: { app } } }]),
      ...services.map((_, i): Made => {
        const endpoints = notReady.map((nth) => ({
          targetRef: { kind: 'Pod', name: `p${nth}`, uid: `Pod-p${nth}` },
          conditions: { ready: nth % 2 === 0 },
        }));
        const labels = { 'kubernetes.io/service-name': `s${i}` };
        return ['EndpointSlice', `e${i}`, { apiVersion: 'discovery.k8s.io/v1', endpoints }, { labels }];
      }),
      ...ingresses.map((nth, i): Made => {
        const spec = { defaultBackend: { service: { name: `s${nth}`, port: { number: 80 } } } };
        return ['Ingress', `i${i}`, { apiVersion: 'networking.k8s.io/v1', spec }];
      }),
    ];
    return made.map(([kind, name, rest, metadata = {}]) => {
      const place = kind === 'Node' ? {} : { namespace: 'n' };
      const object = {
        apiVersion: 'v1',
        kind,
        metadata: { name, uid: `${kind}-${name}`, ...place, ...metadata },
        ...rest,
      };
      return object as unknown as KubernetesObject;
    });
  });

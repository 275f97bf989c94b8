// Two namespaces full of references: within themselves, to each other, to shared resources, and to missing ones.
import type { KubernetesObject } from '../../src/model.ts';
import { hex, imageOf, inspectOf, sha, snapshotOf } from './runtime.ts';

const object = (apiVersion: string, kind: string, name: string, namespace: string | undefined, rest: object = {}) =>
  ({
    apiVersion,
    kind,
    metadata: {
      name,
      uid: hex(`${kind}${name}`),
      ...(namespace ? { namespace } : {}),
      ...(rest as { metadata?: object }).metadata,
    },
    ...Object.fromEntries(Object.entries(rest).filter(([key]) => key !== 'metadata')),
  }) as KubernetesObject;

/** The objects of a namespace; `other` is another one. */
export function livesIn(namespace: string, other: string): KubernetesObject[] {
  const of = (apiVersion: string, kind: string, name: string, rest?: object) =>
    object(apiVersion, kind, name, namespace, rest);
  const container = {
    name: 'main',
    image: `${namespace}/shop:1`,
    envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'password' } }],
  };
  return [
    object('v1', 'Namespace', namespace, undefined, { metadata: { labels: { team: 'shop', of: namespace } } }),
    of('v1', 'ConfigMap', 'settings', { data: { color: 'red' } }),
    of('v1', 'Secret', 'password', { type: 'Opaque' }),
    of('v1', 'ServiceAccount', 'default'),
    of('apps/v1', 'ReplicaSet', 'web', { spec: { template: { spec: { containers: [container] } } } }),
    of('v1', 'Pod', 'web-1', {
      metadata: {
        labels: { app: 'web' },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: hex('ReplicaSetweb'), controller: true },
        ],
      },
      spec: {
        nodeName: 'node-1',
        containers: [container],
        volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'disk' } }],
      },
      status: {
        phase: 'Running',
        containerStatuses: [
          {
            name: 'main',
            image: `${namespace}/shop:1`,
            imageID: sha('image'),
            containerID: `docker://${hex(`c${namespace}`)}`,
          },
        ],
      },
    }),
    of('v1', 'Service', 'web', { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }),
    of('v1', 'PersistentVolumeClaim', 'disk', { spec: { volumeName: 'pv-1' } }),
    of('networking.k8s.io/v1', 'NetworkPolicy', 'friends', {
      spec: {
        podSelector: {},
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'shop' } }, podSelector: {} }] }],
      },
    }),
    of('rbac.authorization.k8s.io/v1', 'RoleBinding', 'across', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [
        { kind: 'ServiceAccount', name: 'default', namespace: other },
        { kind: 'ServiceAccount', name: 'never-there', namespace: other },
      ],
    }),
  ];
}

export const shared: readonly KubernetesObject[] = [
  object('v1', 'Node', 'node-1', undefined, { metadata: { labels: { 'topology.kubernetes.io/zone': 'z1' } } }),
  object('v1', 'PersistentVolume', 'pv-1', undefined, { spec: { capacity: { storage: '1Gi' } } }),
  object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'view', undefined),
];

/** What the node's runtime reports about the Pods of these namespaces. */
export function runtimeOf(...namespaces: readonly string[]) {
  const containers = namespaces.map((namespace) =>
    inspectOf(`c${namespace}`, {
      pod: `${namespace}/web-1/main/${hex('Podweb-1')}`,
      fields: {
        Config: {
          Image: `${namespace}/shop:1`,
          Labels: inspectOf('x', { pod: `${namespace}/web-1/main/${hex('Podweb-1')}` }).Config.Labels,
        },
      },
    }),
  );
  const tags = namespaces.map((namespace) => `${namespace}/shop:1`);
  const snapshot = snapshotOf(containers, [
    imageOf('image', { RepoTags: tags }),
    ...namespaces.map((each) => imageOf(`only-${each}`)),
  ]);
  const processes = [{ pid: 100, user: 'root', command: 'shop' }];
  return { ...snapshot, containers: snapshot.containers.map((each) => ({ ...each, processes })) };
}

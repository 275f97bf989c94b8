import {
  argoApplicationDeploysTo,
  argoApplicationDestination,
  argoApplicationLabels,
  argoApplicationProject,
  argoApplicationResources,
  argoApplicationTracks,
} from '../../../master/relations/argo.ts';
import { clusterObject, named, object, ruleCases } from '../../support/rule-cases.ts';

const app = (key: string) => ({ by: 'key', index: 'application', key, only: true }) as const;
const tracked = (id: string) => ({ annotations: { 'argocd.argoproj.io/tracking-id': id } });
const field = 'metadata.annotations["argocd.argoproj.io/tracking-id"]';

ruleCases(argoApplicationTracks, [
  {
    says: 'an Application of Argo CD’s own namespace contains what its annotation tracks',
    object: object('apps/v1', 'Deployment', {}, tracked('shop-app:apps/Deployment:shop/it')),
    refers: [{ source: app('shop-app'), field }],
  },
  {
    says: 'an Application of another namespace is named with it',
    object: object('v1', 'ConfigMap', {}, tracked('team-a_shop-app:/ConfigMap:shop/it')),
    refers: [{ source: app('team-a/shop-app'), field }],
  },
  {
    says: 'what lies in no namespace is tracked with the destination’s',
    object: clusterObject(
      'rbac.authorization.k8s.io/v1',
      'ClusterRole',
      {},
      tracked('a:rbac.authorization.k8s.io/ClusterRole:shop/it'),
    ),
    refers: [{ source: app('a'), field }],
  },
  {
    says: 'a colon in the tracked name is part of it',
    object: clusterObject(
      'rbac.authorization.k8s.io/v1',
      'ClusterRole',
      {},
      {
        name: 'system:it',
        ...tracked('a:rbac.authorization.k8s.io/ClusterRole:shop/system:it'),
      },
    ),
    refers: [{ source: app('a'), field }],
  },
  {
    says: 'an annotation that was copied from another object says nothing of this one',
    object: object('apps/v1', 'ReplicaSet', {}, tracked('shop-app:apps/Deployment:shop/it')),
    refers: [],
  },
  {
    says: 'an annotation that was copied to another namespace says nothing there',
    object: object('v1', 'ConfigMap', {}, tracked('shop-app:/ConfigMap:other/it')),
    refers: [],
  },
  {
    says: 'an annotation of another form is none',
    object: object('v1', 'ConfigMap', {}, tracked('shop-app')),
    refers: [],
  },
]);

const instance = { labels: { 'argocd.argoproj.io/instance': 'shop-app', 'app.kubernetes.io/instance': 'x' } };

const common = { labels: { 'app.kubernetes.io/instance': 'shop-app' } };

ruleCases(argoApplicationLabels, [
  {
    says: 'an Application contains what its label names',
    object: object('v1', 'Service', {}, instance),
    refers: [{ source: app('shop-app'), field: 'metadata.labels["argocd.argoproj.io/instance"]', guess: true }],
  },
  {
    says: 'where there is the annotation the label is not read',
    object: object('v1', 'Service', {}, { ...instance, ...tracked('other:/Service:shop/it') }),
    refers: [],
  },
  {
    says: 'an EndpointSlice to which its Service’s labels were copied is in no Application',
    object: object(
      'discovery.k8s.io/v1',
      'EndpointSlice',
      {},
      {
        ...instance,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'u', controller: true }],
      },
    ),
    refers: [],
  },
  {
    says: 'the label that all tools share is a guess at an Application that deploys to this namespace',
    object: object('v1', 'Service', {}, common),
    refers: [
      { source: app('shop-app into shop'), field: 'metadata.labels["app.kubernetes.io/instance"]', guess: true },
    ],
  },
  {
    says: 'what Helm itself installed no Application did',
    object: object('v1', 'Service', {}, { ...common, annotations: { 'meta.helm.sh/release-name': 'shop-app' } }),
    refers: [],
  },
  { says: 'what lies in no namespace is not guessed at', object: clusterObject('v1', 'Node', {}, common), refers: [] },
]);

const application = (resources: unknown) => object('argoproj.io/v1alpha1', 'Application', { status: { resources } });

ruleCases(argoApplicationResources, [
  {
    says: 'an Application contains what its status lists, by group, kind, namespace and name',
    object: application([
      { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web', status: 'Synced' },
      { kind: 'Namespace', name: 'shop' },
      { group: 'serving.knative.dev', kind: 'Service', namespace: 'shop', name: 'web' },
    ]),
    refers: [
      { target: named('Deployment', 'web', 'shop'), field: 'status.resources[0]' },
      { target: named('Namespace', 'shop'), field: 'status.resources[1]' },
      { target: named('Service.serving.knative.dev', 'web', 'shop'), field: 'status.resources[2]' },
    ],
  },
  {
    says: 'what it deployed to another cluster is not here',
    object: object('argoproj.io/v1alpha1', 'Application', {
      spec: { destination: { name: 'prod-eu', namespace: 'shop' } },
      status: { resources: [{ group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' }] },
    }),
    refers: [],
  },
  { says: 'an Application that was not synced yet contains nothing', object: application(undefined), refers: [] },
]);

const deploying = (spec: unknown) => object('argoproj.io/v1alpha1', 'Application', { spec });
const states = (key: string, at = 'metadata.name') => ({ states: { index: 'application', key }, field: at });

ruleCases(argoApplicationDestination, [
  {
    says: 'an Application that deploys here is found by its name, with and without its namespace, and by where it deploys',
    object: deploying({ destination: { server: 'https://kubernetes.default.svc:443', namespace: 'store' } }),
    refers: [states('it'), states('shop/it'), states('it into store', 'spec.destination')],
  },
  {
    says: 'this cluster is also called by its name in Argo CD',
    object: deploying({ destination: { name: 'in-cluster' } }),
    refers: [states('it'), states('shop/it')],
  },
  {
    says: 'one that names no cluster is of this one',
    object: deploying({}),
    refers: [states('it'), states('shop/it')],
  },
  {
    says: 'one that deploys elsewhere is not found here',
    object: deploying({ destination: { server: 'https://kubernetes.default.svc.example.com', namespace: 'store' } }),
    refers: [],
  },
]);

ruleCases(argoApplicationDeploysTo, [
  {
    says: 'an Application deploys to the cluster at another address',
    object: deploying({ destination: { server: 'https://10.9.8.7:6443' } }),
    refers: [{ target: named('RemoteCluster', 'https://10.9.8.7:6443'), field: 'spec.destination' }],
  },
  {
    says: 'or to the cluster of another name',
    object: deploying({ destination: { name: 'prod-eu' } }),
    refers: [{ target: named('RemoteCluster', 'prod-eu'), field: 'spec.destination' }],
  },
  {
    says: 'one that deploys here deploys to no other',
    object: deploying({ destination: { name: 'in-cluster' } }),
    refers: [],
  },
]);

ruleCases(argoApplicationProject, [
  {
    says: 'an Application uses its project, which lies beside it',
    object: deploying({ project: 'team-a' }),
    refers: [{ target: named('AppProject.argoproj.io', 'team-a', 'shop'), field: 'spec.project' }],
  },
  { says: 'one without a project uses none', object: deploying({}), refers: [] },
]);

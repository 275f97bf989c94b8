import {
  argoApplicationLabels,
  argoApplicationResources,
  argoApplicationTracks,
} from '../../../master/relations/argo.ts';
import { clusterObject, named, object, ruleCases } from '../../support/rule-cases.ts';

const type = 'Application.argoproj.io';
const tracked = (id: string) => ({ annotations: { 'argocd.argoproj.io/tracking-id': id } });
const field = 'metadata.annotations["argocd.argoproj.io/tracking-id"]';

ruleCases(argoApplicationTracks, [
  {
    says: 'an Application of Argo CD’s own namespace contains what its annotation tracks',
    object: object('apps/v1', 'Deployment', {}, tracked('shop-app:apps/Deployment:shop/it')),
    refers: [{ source: named(type, 'shop-app', 'argocd'), field }],
  },
  {
    says: 'an Application of another namespace is named with it',
    object: object('v1', 'ConfigMap', {}, tracked('team-a_shop-app:/ConfigMap:shop/it')),
    refers: [{ source: named(type, 'shop-app', 'team-a'), field }],
  },
  {
    says: 'what lies in no namespace is tracked with the destination’s',
    object: clusterObject(
      'rbac.authorization.k8s.io/v1',
      'ClusterRole',
      {},
      tracked('a:rbac.authorization.k8s.io/ClusterRole:shop/it'),
    ),
    refers: [{ source: named(type, 'a', 'argocd'), field }],
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
    refers: [{ source: named(type, 'a', 'argocd'), field }],
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

ruleCases(argoApplicationLabels, [
  {
    says: 'an Application contains what its label names',
    object: object('v1', 'Service', {}, instance),
    refers: [{ source: named(type, 'shop-app', 'argocd'), field: 'metadata.labels["argocd.argoproj.io/instance"]' }],
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
    says: 'the label app.kubernetes.io/instance alone is anybody’s',
    object: object('v1', 'Service', {}, { labels: { 'app.kubernetes.io/instance': 'shop-app' } }),
    refers: [],
  },
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
  { says: 'an Application that was not synced yet contains nothing', object: application(undefined), refers: [] },
]);

// Unused objects, as far as known.
import { accountUnused, configUnused, secretUnused } from '../../../master/findings/unused.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, deployment, ingress, owner, pod } from '../../support/finding-graph.ts';

/** An account that may get Secrets everywhere: those of these names, or all. */
const reader = (namespace: string, resourceNames: readonly string[] = []) => [
  an('ServiceAccount', `${namespace}/reader`),
  an('ClusterRole', 'reader', { rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames }] }),
  an('ClusterRoleBinding', 'reader', {
    roleRef: { kind: 'ClusterRole', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace }],
  }),
];

findingCases(configUnused, [
  { says: 'nothing uses it', objects: [an('ConfigMap', 'shop/old')], finds: ['ConfigMap:shop/old'] },
  {
    says: 'a template does',
    objects: [an('ConfigMap', 'shop/old'), deployment('web', { volumes: [{ name: 'v', configMap: { name: 'old' } }] })],
    finds: [],
  },
  { says: 'the certificates of the cluster', objects: [an('ConfigMap', 'shop/kube-root-ca.crt')], finds: [] },
  { says: 'in its first day', objects: [an('ConfigMap', 'shop/old', {}, { creationTimestamp: ago(60) })], finds: [] },
  {
    says: 'a sidecar may load it by its label',
    objects: [an('ConfigMap', 'shop/old', {}, { labels: { grafana_dashboard: '1' } })],
    finds: ['ConfigMap:shop/old'],
    and: { possibly: true },
  },
  { says: 'an owner made it', objects: [an('ConfigMap', 'shop/old', {}, owner('Deployment', 'shop/web'))], finds: [] },
  { says: 'templates that cannot be read', objects: [an('ConfigMap', 'shop/old')], unknown: ['CronJob'], finds: [] },
]);

findingCases(secretUnused, [
  { says: 'nothing uses it', objects: [an('Secret', 'shop/old')], finds: ['Secret:shop/old'], and: { class: 'risk' } },
  {
    says: 'a record of Helm',
    objects: [an('Secret', 'shop/sh.helm.release.v1.a', {}, { labels: { owner: 'helm' } })],
    finds: [],
  },
  {
    says: 'the token of an account',
    objects: [an('Secret', 'shop/t', {}, { annotations: { 'kubernetes.io/service-account.name': 'web' } })],
    finds: [],
  },
  {
    says: 'a pull secret',
    objects: [an('Secret', 'shop/pull'), an('ServiceAccount', 'shop/web', { imagePullSecrets: [{ name: 'pull' }] })],
    finds: [],
  },
  {
    says: 'a certificate of an Ingress',
    objects: [an('Secret', 'shop/cert'), ingress('i', 'a.example', 'cart', { tls: [{ secretName: 'cert' }] })],
    finds: [],
  },
  {
    says: 'a label or an annotation of an operator',
    objects: [
      an('CustomResourceDefinition', 'kafkas.kafka.strimzi.io'),
      an('Secret', 'shop/made', {}, { labels: { 'strimzi.io/cluster': 'k' } }),
      an('Secret', 'shop/taken', {}, { annotations: { 'strimzi.io/kind': 'Kafka' } }),
    ],
    finds: [],
  },
  {
    says: 'a label under a domain whose kinds nobody has',
    objects: [an('Secret', 'shop/old', {}, { labels: { 'strimzi.io/cluster': 'k' } })],
    finds: ['Secret:shop/old'],
    and: { possibly: true },
  },
  {
    says: 'a label of what installed it, which is no use',
    objects: [
      an('CustomResourceDefinition', 'applications.argoproj.io'),
      an('Secret', 'shop/old', {}, { labels: { 'argocd.argoproj.io/instance': 'shop' } }),
    ],
    finds: ['Secret:shop/old'],
  },
  {
    says: 'an account of its Namespace may get it by its name',
    objects: [an('Secret', 'shop/old'), ...reader('shop', ['old'])],
    finds: [],
  },
  {
    says: 'an account may get another one',
    objects: [an('Secret', 'shop/old'), ...reader('shop', ['new'])],
    finds: ['Secret:shop/old'],
  },
  {
    says: 'an account of its Namespace may get all of them: it cannot be told',
    objects: [an('Secret', 'shop/old'), ...reader('shop')],
    finds: [],
  },
  {
    says: 'an account of another Namespace may, as some in every cluster',
    objects: [an('Secret', 'shop/old'), ...reader('ops')],
    finds: ['Secret:shop/old'],
  },
  { says: 'rights that are not read', objects: [an('Secret', 'shop/old')], unknown: ['RoleBinding'], finds: [] },
  {
    says: 'a custom resource names it',
    objects: [
      an('Secret', 'shop/db'),
      an('example.com/v1 Database', 'shop/d', { spec: { secretRef: { name: 'db' } } }),
    ],
    finds: [],
  },
]);

findingCases(accountUnused, [
  {
    says: 'it runs nothing and is granted nothing',
    objects: [an('ServiceAccount', 'shop/old')],
    finds: ['ServiceAccount:shop/old'],
  },
  { says: 'the default one', objects: [an('ServiceAccount', 'shop/default')], finds: [] },
  {
    says: 'a Pod runs as it',
    objects: [an('ServiceAccount', 'shop/old'), pod('a', { serviceAccountName: 'old' })],
    finds: [],
  },
  {
    says: 'it is granted something, and used from outside',
    objects: [
      an('ServiceAccount', 'shop/old'),
      an('RoleBinding', 'shop/b', {
        roleRef: { kind: 'Role', name: 'r' },
        subjects: [{ kind: 'ServiceAccount', name: 'old' }],
      }),
    ],
    finds: [],
  },
  {
    says: 'what is granted to all is no use of this one',
    objects: [
      an('ServiceAccount', 'shop/old'),
      an('ClusterRoleBinding', 'all', {
        roleRef: { kind: 'ClusterRole', name: 'r' },
        subjects: [{ kind: 'Group', name: 'system:serviceaccounts' }],
      }),
    ],
    finds: ['ServiceAccount:shop/old'],
  },
]);

// What the kinds of operators refer to by the built-in pack: the plain case of each family, and what is easily got wrong.
import { describe, expect, test } from 'vitest';
import { createInfer } from '../../../../master/ingest/infer.ts';
import { createItemMaker } from '../../../../master/ingest/item.ts';
import { faultIn } from '../../../../master/relations/declared/fault.ts';
import { declaredRules } from '../../../../master/relations/declared/index.ts';
import * as pack from '../../../../master/relations/declared/pack/all.ts';
import { rules } from '../../../../master/relations/index.ts';
import type { End } from '../../../../master/relations/relation.ts';
import { typeOfReference } from '../../../../src/ids.ts';
import type { KubernetesObject } from '../../../../src/model.ts';

const infer = createInfer(rules, ({ error }) => {
  throw error;
});
const maker = createItemMaker(infer, false);
const names = new Set(declaredRules.map(({ name }) => name));

function endOf(end: End): string {
  if (end.by === 'name' || end.by === 'uid')
    return `${end.type}:${end.namespace ? `${end.namespace}/` : ''}${end.name}`;
  if (end.by === 'first') return end.of.map(endOf).join('|');
  if (end.by !== 'labels') return end.by;
  const where = 'in' in end.namespaces ? end.namespaces.in.join('+') : 'all' in end.namespaces ? 'all' : 'labels';
  return `${end.templates ? 'template of ' : ''}${end.type}s of ${where}`;
}

/** What declared rules say of the object as it is kept, redacted: `relation end`; `<` before what is the source. */
function said(apiVersion: string, kind: string, fields: object, metadata: object = {}): string[] {
  const object = { apiVersion, kind, metadata: { name: 'it', namespace: 'shop', ...metadata }, ...fields };
  const kept = maker.reduce({}, structuredClone(object) as KubernetesObject);
  return infer(typeOfReference(apiVersion, kind), kept)
    .filter(({ rule }) => names.has(rule.name))
    .map(({ rule, reference: { source, target } }) =>
      source ? `${rule.relation} < ${endOf(source)}` : `${rule.relation} ${target ? endOf(target) : ''}`,
    );
}

const outside = { namespace: undefined };
type Case = readonly [string, string, string, object, readonly string[], object];

const written: readonly (readonly [string, string, string, object, readonly string[], object?])[] = [
  [
    'a Rollout uses its two Services',
    'argoproj.io/v1alpha1',
    'Rollout',
    { spec: { strategy: { blueGreen: { activeService: 'live', previewService: 'next' } } } },
    ['uses Service:shop/live', 'uses Service:shop/next'],
  ],
  [
    'a Workflow finds templates in lists of lists',
    'argoproj.io/v1alpha1',
    'Workflow',
    {
      spec: {
        templates: [
          { steps: [[{ templateRef: { name: 'a' } }], [{ templateRef: { name: 'b', clusterScope: true } }]] },
        ],
      },
    },
    ['uses WorkflowTemplate.argoproj.io:shop/a', 'uses ClusterWorkflowTemplate.argoproj.io:b'],
  ],
  [
    'an Application for this cluster deploys to its Namespace',
    'argoproj.io/v1alpha1',
    'Application',
    { spec: { destination: { server: 'https://kubernetes.default.svc', namespace: 'web' } } },
    ['deploysTo Namespace:web'],
  ],
  [
    'an Application for another cluster does not',
    'argoproj.io/v1alpha1',
    'Application',
    { spec: { destination: { server: 'https://far.example.com', namespace: 'web' } } },
    [],
  ],
  [
    'an AppProject allows what is no pattern',
    'argoproj.io/v1alpha1',
    'AppProject',
    {
      spec: {
        destinations: [
          { server: 'https://kubernetes.default.svc', namespace: 'a' },
          { server: 'https://kubernetes.default.svc', namespace: 'team-*' },
          { server: 'https://far', namespace: 'b' },
        ],
      },
    },
    ['allowsTo Namespace:a'],
  ],
  [
    'an ApplicationSet uses its project, a template of which names none',
    'argoproj.io/v1alpha1',
    'ApplicationSet',
    { spec: { template: { spec: { project: '{{.project}}' } } } },
    [],
  ],
  [
    'a Kustomization contains its inventory, what is in no namespace too',
    'kustomize.toolkit.fluxcd.io/v1',
    'Kustomization',
    {
      status: {
        inventory: { entries: [{ id: 'a_web_apps_Deployment' }, { id: '_tool_example.com_Widget' }, { id: 'bad' }] },
      },
    },
    ['contains Deployment:a/web', 'contains Widget.example.com:tool'],
  ],
  [
    'a Kustomization of another cluster contains nothing here',
    'kustomize.toolkit.fluxcd.io/v1',
    'Kustomization',
    {
      spec: { kubeConfig: { secretRef: { name: 'far' } } },
      status: { inventory: { entries: [{ id: 'a_web_apps_Deployment' }] } },
    },
    ['uses Secret:shop/far'],
  ],
  [
    'a HelmRelease of Flux is created from its source',
    'helm.toolkit.fluxcd.io/v2',
    'HelmRelease',
    {
      spec: {
        chart: { spec: { sourceRef: { kind: 'HelmRepository', name: 'r', namespace: 'flux' } } },
        valuesFrom: [{ kind: 'Secret', name: 'v', optional: true }],
        dependsOn: [{ name: 'd' }],
      },
    },
    [
      'createdFrom HelmRepository.source.toolkit.fluxcd.io:flux/r',
      'uses Secret:shop/v',
      'dependsOn HelmRelease.helm.toolkit.fluxcd.io:shop/d',
    ],
  ],
  [
    'what Flux made is contained by what its labels name',
    'v1',
    'ConfigMap',
    {},
    ['contains < Kustomization.kustomize.toolkit.fluxcd.io:flux/apps'],
    { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux' } },
  ],
  [
    'a ScaledObject scales a Deployment unless it says otherwise',
    'keda.sh/v1alpha1',
    'ScaledObject',
    {
      spec: {
        scaleTargetRef: { name: 'w' },
        triggers: [
          { authenticationRef: { name: 'a' } },
          { authenticationRef: { name: 'c', kind: 'ClusterTriggerAuthentication' } },
        ],
      },
    },
    [
      'scales Deployment:shop/w',
      'uses TriggerAuthentication.keda.sh:shop/a',
      'uses ClusterTriggerAuthentication.keda.sh:c',
    ],
  ],
  [
    'a ScaledObject may scale an Argo Rollout',
    'keda.sh/v1alpha1',
    'ScaledObject',
    { spec: { scaleTargetRef: { name: 'w', kind: 'Rollout', apiVersion: 'argoproj.io/v1alpha1' } } },
    ['scales Rollout.argoproj.io:shop/w'],
  ],
  [
    'a VirtualService routes to Services, here and elsewhere',
    'networking.istio.io/v1',
    'VirtualService',
    {
      spec: {
        gateways: ['mesh', 'edge/public', 'own'],
        http: [
          {
            route: [{ destination: { host: 'a' } }, { destination: { host: 'b.other.svc.cluster.local' }, weight: 0 }],
          },
        ],
      },
    },
    [
      'attachedTo Gateway.networking.istio.io:edge/public',
      'attachedTo Gateway.networking.istio.io:shop/own',
      'routesTo Service:shop/a',
      'routesTo Service:other/b',
    ],
  ],
  [
    'a Gateway of Istio selects Pods of all namespaces',
    'networking.istio.io/v1',
    'Gateway',
    { spec: { selector: { istio: 'in' }, servers: [{ tls: { credentialName: 'tls' }, hosts: ['*'] }] } },
    ['uses Secret:shop/tls', 'configures Pods of all', 'configures template of Pods of all'],
  ],
  [
    'an AuthorizationPolicy of Istio allows accounts',
    'security.istio.io/v1',
    'AuthorizationPolicy',
    { spec: { rules: [{ from: [{ source: { principals: ['cluster.local/ns/a/sa/b', '*'] } }] }] } },
    ['allowsFrom ServiceAccount:a/b'],
  ],
  [
    'a ServiceProfile of Linkerd is attached to its Service',
    'linkerd.io/v1alpha2',
    'ServiceProfile',
    {},
    ['attachedTo Service:shop/web'],
    { name: 'web.shop.svc.cluster.local' },
  ],
  [
    'an IngressRoute of Traefik routes to Services, and to its own',
    'traefik.io/v1alpha1',
    'IngressRoute',
    {
      spec: {
        routes: [{ services: [{ name: 's' }, { name: 't', kind: 'TraefikService' }], middlewares: [{ name: 'm' }] }],
      },
    },
    ['uses Middleware.traefik.io:shop/m', 'routesTo Service:shop/s', 'routesTo TraefikService.traefik.io:shop/t'],
  ],
  [
    'a Knative Service routes to its Revisions',
    'serving.knative.dev/v1',
    'Service',
    { spec: { traffic: [{ revisionName: 'it-1', percent: 100 }] } },
    ['routesTo Revision.serving.knative.dev:shop/it-1'],
  ],
  [
    'a ClusterIssuer finds its Secrets where cert-manager is',
    'cert-manager.io/v1',
    'ClusterIssuer',
    { spec: { acme: { privateKeySecretRef: { name: 'k' } } } },
    ['uses Secret:cert-manager/k'],
    outside,
  ],
  [
    'an Issuer finds them beside itself',
    'cert-manager.io/v1',
    'Issuer',
    { spec: { ca: { secretName: 'k' } } },
    ['uses Secret:shop/k'],
  ],
  [
    'an Ingress uses the ClusterIssuer of its annotation',
    'networking.k8s.io/v1',
    'Ingress',
    {},
    ['uses ClusterIssuer.cert-manager.io:le'],
    { annotations: { 'cert-manager.io/cluster-issuer': 'le' } },
  ],
  [
    'an ExternalSecret that names no target issues its own name',
    'external-secrets.io/v1',
    'ExternalSecret',
    { spec: { secretStoreRef: { name: 'v' } } },
    ['uses SecretStore.external-secrets.io:shop/v', 'issues Secret:shop/it'],
  ],
  [
    'an ExternalSecret of a ClusterSecretStore',
    'external-secrets.io/v1',
    'ExternalSecret',
    { spec: { secretStoreRef: { name: 'v', kind: 'ClusterSecretStore' }, target: { name: 't' } } },
    ['uses ClusterSecretStore.external-secrets.io:v', 'issues Secret:shop/t'],
  ],
  ['a SealedSecret issues its Secret', 'bitnami.com/v1alpha1', 'SealedSecret', {}, ['issues Secret:shop/it']],
  [
    'a Prometheus takes monitors of its namespace, or of all',
    'monitoring.coreos.com/v1',
    'Prometheus',
    { spec: { serviceMonitorSelector: {}, ruleSelector: {}, ruleNamespaceSelector: {}, serviceAccountName: 'p' } },
    [
      'uses ServiceMonitor.monitoring.coreos.coms of shop',
      'uses PrometheusRule.monitoring.coreos.coms of all',
      'runsAs ServiceAccount:shop/p',
    ],
  ],
  [
    'a ServiceMonitor uses the Secrets of its endpoints',
    'monitoring.coreos.com/v1',
    'ServiceMonitor',
    { spec: { endpoints: [{ basicAuth: { password: { name: 's', key: 'p' } } }] } },
    ['uses Secret:shop/s'],
  ],
  [
    'a composite of Crossplane owns what it is made of',
    'db.example.org/v1',
    'XStore',
    {
      spec: {
        compositionRef: { name: 'c' },
        claimRef: { apiVersion: 'db.example.org/v1', kind: 'Store', namespace: 'a', name: 's' },
        resourceRefs: [{ apiVersion: 'rds.example.com/v1', kind: 'Instance', name: 'i' }],
      },
    },
    [
      'owns < Store.db.example.org:a/s',
      'uses Composition.apiextensions.crossplane.io:c',
      'owns Instance.rds.example.com:i',
    ],
    outside,
  ],
  [
    'a composite of Crossplane 2 owns what lies beside it',
    'db.example.org/v1',
    'Store',
    {
      spec: {
        crossplane: {
          compositionRef: { name: 'c' },
          resourceRefs: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }],
        },
      },
    },
    ['uses Composition.apiextensions.crossplane.io:c', 'owns Deployment:shop/d|Deployment:d'],
  ],
  [
    'a Cluster of the Cluster API refers to its two halves',
    'cluster.x-k8s.io/v1beta2',
    'Cluster',
    {
      spec: {
        controlPlaneRef: { apiGroup: 'controlplane.cluster.x-k8s.io', kind: 'KubeadmControlPlane', name: 'c' },
        infrastructureRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'DockerCluster', name: 'i' },
      },
    },
    [
      'refersTo KubeadmControlPlane.controlplane.cluster.x-k8s.io:shop/c',
      'refersTo DockerCluster.infrastructure.cluster.x-k8s.io:shop/i',
    ],
  ],
  [
    'a NodeClaim owns its Node',
    'karpenter.sh/v1',
    'NodeClaim',
    {
      spec: { nodeClassRef: { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: 'c' } },
      status: { nodeName: 'n' },
    },
    ['uses EC2NodeClass.karpenter.k8s.aws:c', 'owns Node:n'],
    outside,
  ],
  [
    'a Route of OpenShift routes to its backends',
    'route.openshift.io/v1',
    'Route',
    {
      spec: {
        host: 'w.example.com',
        to: { kind: 'Service', name: 'a' },
        alternateBackends: [{ kind: 'Service', name: 'b', weight: 0 }],
      },
    },
    ['routesTo Service:shop/a', 'routesTo Service:shop/b', 'serves Host:w.example.com'],
  ],
  [
    'a policy of Cilium restricts Pods by labels with a prefix',
    'cilium.io/v2',
    'CiliumNetworkPolicy',
    { spec: { endpointSelector: { matchLabels: { 'k8s:app': 'a' } } } },
    ['restricts Pods of shop', 'restricts template of Pods of shop'],
  ],
  [
    'a policy of Calico restricts what its text selects',
    'projectcalico.org/v3',
    'NetworkPolicy',
    { spec: { selector: "app == 'a' && has(tier)" } },
    ['restricts Pods of shop', 'restricts template of Pods of shop'],
  ],
  [
    'a text of Calico that a label selector cannot say selects nothing',
    'projectcalico.org/v3',
    'NetworkPolicy',
    { spec: { selector: "app == 'a' || app == 'b'" } },
    [],
  ],
  [
    'a KafkaTopic belongs to its Kafka',
    'kafka.strimzi.io/v1',
    'KafkaTopic',
    {},
    ['contains < Kafka.kafka.strimzi.io:shop/k'],
    { labels: { 'strimzi.io/cluster': 'k' } },
  ],
  [
    'a Cluster of CloudNativePG is another kind than that of the Cluster API',
    'postgresql.cnpg.io/v1',
    'Cluster',
    {
      spec: {
        superuserSecret: { name: 's' },
        storage: { storageClass: 'f' },
        controlPlaneRef: { apiVersion: 'v1', kind: 'Secret' },
      },
    },
    ['uses Secret:shop/s', 'uses StorageClass:f'],
  ],
  [
    'a Backup of Velero protects the namespaces it names',
    'velero.io/v1',
    'Backup',
    { spec: { storageLocation: 'l', includedNamespaces: ['*', 'a'] } },
    ['protects Namespace:a', 'uses BackupStorageLocation.velero.io:shop/l'],
  ],
  [
    'a constraint of Gatekeeper reports what violates it',
    'constraints.gatekeeper.sh/v1beta1',
    'MyRule',
    { status: { violations: [{ group: '', kind: 'Pod', name: 'p', namespace: 'a' }] } },
    ['reports Pod:a/p'],
    outside,
  ],
  [
    'a policy of Kyverno guards namespaces',
    'kyverno.io/v1',
    'ClusterPolicy',
    { spec: { rules: [{ match: { any: [{ resources: { namespaces: ['a'] } }] } }] } },
    ['guards Namespace:a'],
    outside,
  ],
  [
    'a Subscription of OLM is created from its catalog',
    'operators.coreos.com/v1alpha1',
    'Subscription',
    { spec: { source: 'c', sourceNamespace: 'm' }, status: { installedCSV: 'x.v1' } },
    ['createdFrom CatalogSource.operators.coreos.com:m/c', 'owns ClusterServiceVersion.operators.coreos.com:shop/x.v1'],
  ],
  [
    'a Subscription of Knative is none of OLM',
    'messaging.knative.dev/v1',
    'Subscription',
    { spec: { source: 'c', channel: { apiVersion: 'messaging.knative.dev/v1', kind: 'Channel', name: 'h' } } },
    ['uses Channel.messaging.knative.dev:shop/h'],
  ],
  [
    'a PipelineRun is created from its Pipeline',
    'tekton.dev/v1',
    'PipelineRun',
    { spec: { pipelineRef: { name: 'p' }, workspaces: [{ persistentVolumeClaim: { claimName: 'c' } }] } },
    ['createdFrom Pipeline.tekton.dev:shop/p', 'mounts PersistentVolumeClaim:shop/c'],
  ],
  [
    'a VolumeGroupSnapshot uses its class',
    'groupsnapshot.storage.k8s.io/v1',
    'VolumeGroupSnapshot',
    { spec: { volumeGroupSnapshotClassName: 'c' } },
    ['uses VolumeGroupSnapshotClass.groupsnapshot.storage.k8s.io:c'],
  ],
  [
    'a work for another cluster says nothing of this one',
    'work.karmada.io/v1alpha1',
    'Work',
    {
      spec: {
        ref: { kind: 'Deployment', name: 'd' },
        secretName: 's',
        template: { spec: { containers: [{ image: 'i' }] } },
      },
    },
    [],
  ],
];

const cases = written.map((each): Case => [each[0], each[1], each[2], each[3], each[4], each[5] ?? {}]);

describe('the pack', () => {
  test.each(cases)('%s', (_, apiVersion, kind, fields, expected, metadata) => {
    expect(said(apiVersion, kind, fields, metadata).toSorted()).toEqual([...expected].toSorted());
  });

  test('is sound by the schema that users have', () => {
    const all = Object.values(pack).flat();
    expect(all.length).toBeGreaterThan(250);
    expect(all.map((each) => faultIn(structuredClone(each))).filter((fault) => fault !== undefined)).toEqual([]);
  });
});

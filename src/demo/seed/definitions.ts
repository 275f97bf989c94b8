// CustomResourceDefinitions of the demo in their projects' versions. The recorded `widgets` bring their own.
import type { KubernetesObject } from '../../model.ts';
import { condition, type Fields, make } from './make.ts';

/** Group, kind, plural, versions (stored one first), short names; namespaced by default. */
type Row = readonly [
  group: string,
  kind: string,
  plural: string,
  versions: readonly string[],
  names?: readonly string[],
  scope?: 'Namespaced' | 'Cluster',
];

const gateway = 'gateway.networking.k8s.io';
const rows: readonly Row[] = [
  [gateway, 'GatewayClass', 'gatewayclasses', ['v1', 'v1beta1'], ['gc'], 'Cluster'],
  [gateway, 'Gateway', 'gateways', ['v1', 'v1beta1'], ['gtw']],
  [gateway, 'HTTPRoute', 'httproutes', ['v1', 'v1beta1']],
  [gateway, 'GRPCRoute', 'grpcroutes', ['v1']],
  [gateway, 'TLSRoute', 'tlsroutes', ['v1', 'v1alpha3']],
  [gateway, 'TCPRoute', 'tcproutes', ['v1alpha2']],
  [gateway, 'UDPRoute', 'udproutes', ['v1alpha2']],
  [gateway, 'ReferenceGrant', 'referencegrants', ['v1', 'v1beta1'], ['refgrant']],
  [gateway, 'BackendTLSPolicy', 'backendtlspolicies', ['v1'], ['btlspolicy']],
  ['inference.networking.k8s.io', 'InferencePool', 'inferencepools', ['v1'], ['infpool']],
  ['autoscaling.k8s.io', 'VerticalPodAutoscaler', 'verticalpodautoscalers', ['v1', 'v1beta2'], ['vpa']],
  ['cert-manager.io', 'Certificate', 'certificates', ['v1'], ['cert', 'certs']],
  ['cert-manager.io', 'CertificateRequest', 'certificaterequests', ['v1'], ['cr', 'crs']],
  ['cert-manager.io', 'Issuer', 'issuers', ['v1']],
  ['cert-manager.io', 'ClusterIssuer', 'clusterissuers', ['v1'], [], 'Cluster'],
  ['monitoring.coreos.com', 'ServiceMonitor', 'servicemonitors', ['v1'], ['smon']],
  ['monitoring.coreos.com', 'PodMonitor', 'podmonitors', ['v1'], ['pmon']],
  ['argoproj.io', 'AppProject', 'appprojects', ['v1alpha1'], ['appproj']],
  ['argoproj.io', 'Application', 'applications', ['v1alpha1'], ['app', 'apps']],
  ['snapshot.storage.k8s.io', 'VolumeSnapshot', 'volumesnapshots', ['v1'], ['vs']],
  ['snapshot.storage.k8s.io', 'VolumeSnapshotClass', 'volumesnapshotclasses', ['v1'], ['vsclass'], 'Cluster'],
  ['snapshot.storage.k8s.io', 'VolumeSnapshotContent', 'volumesnapshotcontents', ['v1'], ['vsc'], 'Cluster'],
  ['serving.knative.dev', 'Service', 'services', ['v1'], ['kservice', 'ksvc']],
  ['acme.example.com', 'IngressParameters', 'ingressparameters', ['v1'], [], 'Cluster'],
  ['acme.example.com', 'RateLimit', 'ratelimits', ['v1']],
  ['acme.example.com', 'StorageBucket', 'storagebuckets', ['v1', 'v1alpha1']],
];

/** A webhook converts Buckets of older versions. */
const conversions: { readonly [plural: string]: Fields } = {
  storagebuckets: {
    strategy: 'Webhook',
    webhook: {
      clientConfig: { service: { namespace: 'platform', name: 'acme-webhook', path: '/convert', port: 443 } },
      conversionReviewVersions: ['v1'],
    },
  },
};

export function definitions(): KubernetesObject[] {
  return rows.map(definition);
}

function definition([group, kind, plural, versions, shortNames = [], scope = 'Namespaced']: Row): KubernetesObject {
  const names = {
    plural,
    singular: kind.toLowerCase(),
    ...(shortNames.length > 0 && { shortNames }),
    kind,
    listKind: `${kind}List`,
  };
  return make('apiextensions.k8s.io/v1', 'CustomResourceDefinition', `${plural}.${group}`, {
    spec: {
      group,
      names,
      scope,
      versions: versions.map((name, i) => ({
        name,
        served: true,
        storage: i === 0,
        schema: { openAPIV3Schema: schema },
        subresources: { status: {} },
      })),
      conversion: conversions[plural] ?? { strategy: 'None' },
    },
    status: {
      conditions: [
        condition('NamesAccepted', 'True', { reason: 'NoConflicts' }),
        condition('Established', 'True', { reason: 'InitialNamesAccepted' }),
      ],
      acceptedNames: names,
      storedVersions: [versions[0]],
    },
  });
}

const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const schema = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec: anything,
    status: anything,
  },
};

// The lane of a kind: from the entry of traffic on the left to what workloads use on the right.
import type { Resource } from '../../src/model.ts';
import { kindOf } from '../words.ts';

export const laneTitles = [
  'Entry',
  'Service and policy',
  'Workload',
  'Revision and run',
  'Pods',
  'Configuration, storage',
  'Infrastructure',
] as const;

const kindsOfLanes: readonly (readonly string[])[] = [
  [
    'Host',
    'Ingress',
    'Gateway',
    'HTTPRoute',
    'GRPCRoute',
    'TCPRoute',
    'TLSRoute',
    'UDPRoute',
    'VirtualService',
    'Route',
  ],
  [
    'Service',
    'HorizontalPodAutoscaler',
    'VerticalPodAutoscaler',
    'ScaledObject',
    'PodDisruptionBudget',
    'NetworkPolicy',
    'ServiceMonitor',
    'PodMonitor',
    'APIService',
    'ValidatingWebhookConfiguration',
    'MutatingWebhookConfiguration',
  ],
  [
    'Application',
    'HelmRelease',
    'Kustomization',
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'CronJob',
    'ReplicationController',
    'Rollout',
  ],
  ['ReplicaSet', 'Job'],
  ['Pod'],
  [
    'ConfigMap',
    'Secret',
    'ServiceAccount',
    'PersistentVolumeClaim',
    'Role',
    'RoleBinding',
    'ResourceQuota',
    'LimitRange',
    'ResourceClaim',
    'ResourceClaimTemplate',
    'Issuer',
    'Certificate',
    'VolumeSnapshot',
  ],
  [
    'Node',
    'Zone',
    'Region',
    'Cluster',
    'Namespace',
    'Image',
    'PersistentVolume',
    'StorageClass',
    'VolumeAttachment',
    'CSIDriver',
    'CSINode',
    'ClusterRole',
    'ClusterRoleBinding',
    'PriorityClass',
    'RuntimeClass',
    'IngressClass',
    'GatewayClass',
    'DeviceClass',
    'ResourceSlice',
    'CIDR',
    'ServiceCIDR',
    'Group',
    'User',
    'ExternalIdentity',
    'CustomResourceDefinition',
    'ClusterIssuer',
    'ClusterTrustBundle',
    'VolumeSnapshotClass',
    'VolumeSnapshotContent',
  ],
];

const byKind = new Map(kindsOfLanes.flatMap((kinds, lane) => kinds.map((kind) => [kind, lane] as const)));
const workload = 2;
const configuration = 5;
const infrastructure = 6;

/** Unknown kinds are with the workloads if they own something, otherwise with what is used. */
export function laneOf({ type, id }: Pick<Resource, 'type' | 'id'>, owns: (id: string) => boolean): number {
  // Knative's Service is a workload; the core Service is not.
  if (type === 'Service.serving.knative.dev') return workload;
  return byKind.get(kindOf(type)) ?? (owns(id) ? workload : configuration);
}

export function isInfrastructure({ type }: Pick<Resource, 'type'>): boolean {
  return byKind.get(kindOf(type)) === infrastructure;
}

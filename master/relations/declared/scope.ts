// Scope of an object named by type, as far as known from the type.
import { scopeOf } from '../../../src/scopes.ts';

/** Built-in cluster-scoped kinds. */
const outside = new Set([
  ...['Node', 'Namespace', 'PersistentVolume', 'StorageClass', 'VolumeAttributesClass', 'CSIDriver', 'CSINode'],
  ...['VolumeAttachment', 'IngressClass', 'PriorityClass', 'RuntimeClass', 'ClusterRole', 'ClusterRoleBinding'],
  ...['CustomResourceDefinition', 'APIService', 'MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
  ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'MutatingAdmissionPolicy'],
  ...['MutatingAdmissionPolicyBinding', 'CertificateSigningRequest', 'ClusterTrustBundle', 'FlowSchema'],
  ...['PriorityLevelConfiguration', 'DeviceClass', 'ResourceSlice', 'IPAddress', 'ServiceCIDR'],
  ...['Host', 'User', 'Group', 'RemoteCluster', 'ExternalIdentity', 'CIDR', 'Zone', 'Region', 'Image'],
]);

export type Scope = 'cluster' | 'namespace' | 'unknown';

export function scopeOfType(type: string): Scope {
  const dot = type.indexOf('.');
  if (dot < 0) return outside.has(type) ? 'cluster' : 'namespace';
  return scopeOf(type.slice(dot + 1), type.slice(0, dot)) === 'Cluster' ? 'cluster' : 'unknown';
}

/** Whether it may be an object's name: not a pattern, template or sentence. */
export function isObjectName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 253 && /^[A-Za-z0-9][-A-Za-z0-9._:]*$/.test(value);
}

export function isKindName(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Z][A-Za-z0-9]{0,62}$/.test(value);
}

// Colours of types and relations for all forms. Those of 2015 are kept by name; related kinds share a hue.

/** Names known to DOT and CSS, with the values of X11 and Graphviz. */
const named: { readonly [name: string]: string } = {
  black: '#000000',
  red: '#ff0000',
  darkgreen: '#006400',
  purple: '#a020f0',
  blue: '#0000ff',
  green: '#00ff00',
  gold: '#ffd700',
  maroon: '#b03060',
};

const families: readonly (readonly [colour: string, types: readonly string[]])[] = [
  ['black', ['Cluster']],
  ['red', ['Node']],
  ['darkgreen', ['Service']],
  ['purple', ['ReplicationController']],
  ['blue', ['Pod']],
  ['green', ['Container']],
  ['gold', ['Process']],
  ['maroon', ['Image']],
  ['#57606a', ['Namespace', 'Zone', 'Region', 'HelmRelease', 'Application', 'ApplicationSet', 'AppProject']],
  ['#7c3aed', ['Deployment', 'StatefulSet', 'DaemonSet', 'ControllerRevision', 'PodTemplate']],
  ['#9f67f5', ['ReplicaSet']],
  ['#c026d3', ['Job', 'CronJob']],
  ['#15803d', ['EndpointSlice', 'Endpoints', 'IPAddress', 'ServiceCIDR']],
  ['#0d9488', ['Ingress', 'IngressClass', 'Host', 'Gateway', 'GatewayClass', 'HTTPRoute', 'GRPCRoute', 'TCPRoute']],
  [
    '#0d9488',
    ['TLSRoute', 'UDPRoute', 'ListenerSet', 'BackendTLSPolicy', 'ReferenceGrant', 'ServiceExport', 'ServiceImport'],
  ],
  ['#be123c', ['NetworkPolicy', 'CIDR']],
  ['#ea580c', ['ConfigMap']],
  ['#c2410c', ['Secret', 'Certificate', 'CertificateRequest', 'Issuer', 'ClusterIssuer', 'ClusterTrustBundle']],
  ['#0369a1', ['PersistentVolumeClaim', 'PersistentVolume', 'VolumeSnapshot', 'VolumeSnapshotContent']],
  ['#0ea5e9', ['StorageClass', 'CSIDriver', 'CSINode', 'CSIStorageCapacity', 'VolumeAttachment']],
  ['#0ea5e9', ['VolumeAttributesClass', 'VolumeSnapshotClass']],
  ['#a16207', ['ServiceAccount', 'User', 'Group', 'ExternalIdentity', 'CertificateSigningRequest']],
  ['#ca8a04', ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding']],
  ['#0891b2', ['HorizontalPodAutoscaler', 'VerticalPodAutoscaler', 'PodDisruptionBudget']],
  ['#64748b', ['ResourceQuota', 'LimitRange', 'PriorityClass', 'RuntimeClass', 'Lease', 'Event', 'FlowSchema']],
  ['#64748b', ['PriorityLevelConfiguration', 'ResourceClaim', 'ResourceClaimTemplate', 'ResourceSlice', 'DeviceClass']],
  ['#4f46e5', ['CustomResourceDefinition', 'APIService', 'MutatingWebhookConfiguration', 'MutatingAdmissionPolicy']],
  ['#4f46e5', ['ValidatingWebhookConfiguration', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding']],
  ['#4f46e5', ['MutatingAdmissionPolicyBinding']],
  ['#db2777', ['ServiceMonitor', 'PodMonitor', 'Prometheus', 'PrometheusRule', 'Alertmanager', 'Probe']],
];
const colours = new Map(families.flatMap(([colour, types]) => types.map((type) => [type, colour] as const)));

/** For other kinds: distinguishable mid tones on white. */
const others = ['#b45309', '#4d7c0f', '#047857', '#0e7490', '#1d4ed8', '#6d28d9', '#a21caf', '#9f1239', '#475569'];

const relationColours: { readonly [type: string]: string } = {
  contains: '#8b949e',
  runs: '#d1242f',
  loadBalances: '#1a7f37',
  routesTo: '#0d9488',
  monitors: '#8250df',
  owns: '#8250df',
  scales: '#0891b2',
  createdFrom: '#b03060',
  uses: '#d4720b',
  mounts: '#0369a1',
  boundTo: '#0369a1',
  provisionedBy: '#0369a1',
  runsAs: '#a16207',
  grants: '#a16207',
  grantsTo: '#a16207',
};

/** A name known to Graphviz, or `#rrggbb`. A custom kind uses the colour of a built-in kind with its name, if any. */
export function colourOf(type: string): string {
  const kind = type.split('.', 1)[0] as string;
  return colours.get(kind) ?? (others[hashOf(type) % others.length] as string);
}

/** The same as `#rrggbb`. */
export function hexColourOf(type: string): string {
  const colour = colourOf(type);
  return named[colour] ?? colour;
}

export function relationColourOf(type: string): string {
  return Object.hasOwn(relationColours, type) ? (relationColours[type] as string) : '#57606a';
}

function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) >>> 0;
  return hash;
}

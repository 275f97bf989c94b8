// Whether a custom kind without a known definition is namespaced: a list of widespread kinds, otherwise a guess by name.
// Discovery and definitions take precedence.
import { typeOf } from './ids.ts';

/** Calico also serves its kinds from its own API server, in another group. */
const calico = [
  'GlobalNetworkPolicy',
  'GlobalNetworkSet',
  'IPPool',
  'BGPPeer',
  'BGPConfiguration',
  'FelixConfiguration',
  'HostEndpoint',
  'Tier',
  'IPReservation',
];

/** Cluster-scoped kinds by group. */
const clusterScoped: { readonly [group: string]: readonly string[] } = {
  'karpenter.sh': ['NodePool', 'NodeClaim'],
  'karpenter.k8s.aws': ['EC2NodeClass'],
  'karpenter.azure.com': ['AKSNodeClass'],
  'pkg.crossplane.io': [
    'Provider',
    'ProviderRevision',
    'Configuration',
    'ConfigurationRevision',
    'Function',
    'FunctionRevision',
    'DeploymentRuntimeConfig',
    'ImageConfig',
    'Lock',
  ],
  'apiextensions.crossplane.io': [
    'Composition',
    'CompositionRevision',
    'CompositeResourceDefinition',
    'EnvironmentConfig',
    'ManagedResourceDefinition',
  ],
  'cilium.io': [
    'CiliumClusterwideNetworkPolicy',
    'CiliumNode',
    'CiliumIdentity',
    'CiliumExternalWorkload',
    'CiliumLoadBalancerIPPool',
    'CiliumL2AnnouncementPolicy',
    'CiliumBGPPeeringPolicy',
    'CiliumBGPClusterConfig',
    'CiliumBGPPeerConfig',
    'CiliumBGPAdvertisement',
    'CiliumCIDRGroup',
  ],
  'crd.projectcalico.org': calico,
  'projectcalico.org': calico,
  'operator.tigera.io': ['Installation', 'APIServer', 'TigeraStatus'],
  'config.openshift.io': [
    'APIServer',
    'Build',
    'Console',
    'DNS',
    'FeatureGate',
    'Image',
    'Infrastructure',
    'Ingress',
    'Network',
    'OAuth',
    'Project',
    'Proxy',
    'Scheduler',
  ],
  'machineconfiguration.openshift.io': [
    'MachineConfig',
    'MachineConfigPool',
    'KubeletConfig',
    'ContainerRuntimeConfig',
  ],
  'security.openshift.io': ['SecurityContextConstraints'],
  'project.openshift.io': ['Project'],
  'user.openshift.io': ['User', 'Group', 'Identity'],
  'oauth.openshift.io': ['OAuthClient'],
  'kyverno.io': ['GlobalContextEntry'],
  'templates.gatekeeper.sh': ['ConstraintTemplate'],
  'policy.networking.k8s.io': ['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy'],
  'kueue.x-k8s.io': ['ResourceFlavor', 'AdmissionCheck', 'WorkloadPriorityClass', 'Cohort', 'Topology'],
  'node.gke.io': ['GCPResourceAllowlist'],
  'snapshot.storage.k8s.io': ['VolumeSnapshotClass', 'VolumeSnapshotContent'],
  'groupsnapshot.storage.k8s.io': ['VolumeGroupSnapshotClass', 'VolumeGroupSnapshotContent'],
  'gateway.networking.k8s.io': ['GatewayClass'],
  'capsule.clastix.io': ['Tenant', 'CapsuleConfiguration'],
  'fleet.cattle.io': ['Content'],
  'management.cattle.io': ['Cluster', 'Setting', 'User', 'Feature'],
  'cluster.open-cluster-management.io': ['ManagedCluster'],
  'work.karmada.io': ['ClusterResourceBinding'],
  'external-secrets.io': ['ClusterSecretStore', 'ClusterExternalSecret', 'ClusterPushSecret'],
  'nfd.k8s-sigs.io': ['NodeFeatureRule'],
  'nvidia.com': ['ClusterPolicy', 'NVIDIADriver'],
};
const known = new Set(
  Object.entries(clusterScoped).flatMap(([group, kinds]) => kinds.map((kind) => typeOf(group, kind))),
);

/** Names that tell the scope, except for things called cluster, such as `ClusterClass` of the Cluster API. */
const tellingName =
  /^(Cluster(?!$|Class$|ResourceSet|Deployment$|Pool$|Version$|Claim$|Backup$|ServiceVersion$)|Global)[A-Z]?/;

/** `Cluster` or `Namespaced`; undefined if unknown. */
export function scopeOf(group: string, kind: string): 'Cluster' | undefined {
  return known.has(typeOf(group, kind)) || (group.includes('.') && tellingName.test(kind)) ? 'Cluster' : undefined;
}

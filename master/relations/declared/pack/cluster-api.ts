// Cluster API and Karpenter: machines, what they are made of, and their Nodes. The Nodes of a Machine are of the cluster that
// it belongs to, which is often another: one is meant only where a Node of that name is here.
import type { Declaration } from '../declaration.ts';

const group = 'cluster.x-k8s.io';
const of = (...kinds: string[]) => kinds.map((kind) => `${kind}.${group}`);
const sets = of('MachineDeployment', 'MachineSet', 'MachinePool');
const classRefs = [
  'infrastructure',
  'controlPlane',
  'controlPlane.machineInfrastructure',
  'workers.machineDeployments[].template.bootstrap',
  'workers.machineDeployments[].template.infrastructure',
  'workers.machinePools[].template.bootstrap',
  'workers.machinePools[].template.infrastructure',
];
const newClassRefs = [
  'infrastructure',
  'controlPlane',
  'controlPlane.machineInfrastructure',
  'workers.machineDeployments[].bootstrap',
  'workers.machineDeployments[].infrastructure',
  'workers.machinePools[].bootstrap',
  'workers.machinePools[].infrastructure',
];

export const clusterApi: readonly Declaration[] = [
  { from: of('Cluster'), ref: ['spec.controlPlaneRef', 'spec.infrastructureRef'] },
  {
    from: of('Cluster'),
    name: 'spec.topology.class',
    to: `ClusterClass.${group}`,
    namespace: 'spec.topology.classNamespace',
    relation: 'createdFrom',
  },
  { from: of('Cluster'), name: 'spec.topology.classRef', to: `ClusterClass.${group}`, relation: 'createdFrom' },
  { from: of('Machine'), ref: ['spec.bootstrap.configRef', 'spec.infrastructureRef'] },
  { from: of('Machine'), name: 'status.nodeRef', to: 'Node', relation: 'refersTo', present: true, guess: true },
  {
    from: [...of('Machine', 'MachineHealthCheck'), ...sets],
    name: 'spec.clusterName',
    to: `Cluster.${group}`,
    relation: 'contains',
    reverse: true,
    depends: 'target',
  },
  { from: sets, ref: ['spec.template.spec.bootstrap.configRef', 'spec.template.spec.infrastructureRef'] },
  { from: of('MachinePool'), name: 'status.nodeRefs[]', to: 'Node', relation: 'refersTo', present: true, guess: true },
  {
    from: ['KubeadmConfig.bootstrap.cluster.x-k8s.io', 'KubeadmControlPlane.controlplane.cluster.x-k8s.io'],
    name: ['spec', 'spec.kubeadmConfigSpec'].flatMap((path) => [
      `${path}.files[].contentFrom.secret`,
      `${path}.users[].passwdFrom.secret`,
    ]),
    to: 'Secret',
  },
  {
    from: 'ClusterResourceSetBinding.addons.cluster.x-k8s.io',
    name: 'spec.clusterName',
    to: `Cluster.${group}`,
    depends: 'none',
  },
  {
    from: 'IPAddressClaim.ipam.cluster.x-k8s.io',
    name: 'status.addressRef',
    to: 'IPAddress.ipam.cluster.x-k8s.io',
    relation: 'boundTo',
  },
  {
    from: 'ExtensionConfig.runtime.cluster.x-k8s.io',
    name: 'spec.clientConfig.service',
    to: 'Service',
    relation: 'calls',
  },
  { from: of('MachineHealthCheck'), selector: 'spec.selector', to: `Machine.${group}`, relation: 'measures' },
  {
    from: of('ClusterClass'),
    ref: [...classRefs.map((path) => `spec.${path}.ref`), ...newClassRefs.map((path) => `spec.${path}.templateRef`)],
  },
  {
    from: 'KubeadmControlPlane.controlplane.cluster.x-k8s.io',
    ref: ['spec.machineTemplate.infrastructureRef', 'spec.machineTemplate.spec.infrastructureRef'],
  },
  { from: 'ClusterResourceSet.addons.cluster.x-k8s.io', ref: 'spec.resources[]', relation: 'uses', namespace: 'own' },
  {
    from: 'ClusterResourceSet.addons.cluster.x-k8s.io',
    selector: 'spec.clusterSelector',
    to: `Cluster.${group}`,
    relation: 'selects',
  },
  { from: ['*.*', 'Secret'], label: 'cluster.x-k8s.io/cluster-name', to: `Cluster.${group}` },
  { from: 'NodeClaim.karpenter.sh', ref: 'spec.nodeClassRef', relation: 'uses', namespace: 'none' },
  { from: 'NodeClaim.karpenter.sh', name: 'status.nodeName', to: 'Node', relation: 'owns', depends: 'target' },
  { from: 'NodePool.karpenter.sh', ref: 'spec.template.spec.nodeClassRef', relation: 'uses', namespace: 'none' },
  {
    from: ['NodeClaim.karpenter.sh', 'Node'],
    label: 'karpenter.sh/nodepool',
    to: 'NodePool.karpenter.sh',
    namespace: 'none',
  },
  { from: ['AWSMachine.infrastructure.cluster.x-k8s.io'], without: ['references'] },
];

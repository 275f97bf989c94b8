// The three nodes: one per zone, each with another container runtime, and their leases and CSI objects.
import type { KubernetesObject } from '../../model.ts';
import { birth, condition, make } from './make.ts';

export interface DemoNode {
  readonly name: string;
  readonly zone: string;
  readonly address: string;
  /** Prefix of its Pods' addresses. */
  readonly podPrefix: string;
  readonly runtime: 'containerd' | 'docker' | 'cri-o';
  readonly runtimeVersion: string;
}

const names = ['node-a', 'node-b', 'node-c'] as const;
const runtimes = [
  ['containerd', '1.6.20'],
  ['docker', '28.3.0'],
  ['cri-o', '1.36.1'],
] as const;

export const demoNodes: readonly DemoNode[] = names.map((name, i) => {
  const [runtime, runtimeVersion] = runtimes[i] ?? runtimes[0];
  return {
    name,
    zone: `eu-1${name.slice(-1)}`,
    address: `192.0.2.${i + 2}`,
    podPrefix: `10.244.${i}`,
    runtime,
    runtimeVersion,
  };
});

export function nodeNamed(name: string | undefined): DemoNode | undefined {
  return demoNodes.find((node) => node.name === name);
}

export function nodeObjects(): KubernetesObject[] {
  return demoNodes.flatMap((node, i) => [nodeObject(node, i), lease(node), csiNode(node)]);
}

const capacity = { cpu: '4', 'ephemeral-storage': '61255492Ki', memory: '16384256Ki', pods: '110' };

function nodeObject(
  { name, zone, address, podPrefix, runtime, runtimeVersion }: DemoNode,
  index: number,
): KubernetesObject {
  const cidr = `${podPrefix}.0/24`;
  return make('v1', 'Node', name, {
    labels: {
      'beta.kubernetes.io/arch': 'amd64',
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      'topology.kubernetes.io/region': 'eu-1',
      'topology.kubernetes.io/zone': zone,
      ...(index === 0 ? { 'node-role.kubernetes.io/control-plane': '' } : { 'demo.example.com/disk': 'ssd' }),
    },
    annotations: {
      'node.alpha.kubernetes.io/ttl': '0',
      'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
    },
    spec: { podCIDR: cidr, podCIDRs: [cidr], providerID: `demo://${zone}/${name}` },
    status: {
      capacity,
      allocatable: capacity,
      conditions: nodeConditions(birth),
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        machineID: `${index}123456789abcdef0123456789abcdef`,
        systemUUID: `${index}1234567-89ab-cdef-0123-456789abcdef`,
        bootID: `${index}fedcba9-8765-4321-0fed-cba987654321`,
        kernelVersion: '6.12.0',
        osImage: 'Debian GNU/Linux 13 (trixie)',
        containerRuntimeVersion: `${runtime}://${runtimeVersion}`,
        kubeletVersion: 'v1.36.2',
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
    },
  });
}

/** The conditions of a healthy node; `heartbeat`: when they were last reported. */
export function nodeConditions(heartbeat: string): object[] {
  const pressures = ['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) =>
    condition(type, 'False', {
      lastHeartbeatTime: heartbeat,
      reason: `KubeletHas${type === 'PIDPressure' ? 'SufficientPID' : 'Sufficient'}`,
    }),
  );
  return [...pressures, condition('Ready', 'True', { lastHeartbeatTime: heartbeat, reason: 'KubeletReady' })];
}

function lease({ name }: DemoNode): KubernetesObject {
  return make('coordination.k8s.io/v1', 'Lease', `kube-node-lease/${name}`, {
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: '2026-11-20T17:00:00.000000Z' },
  });
}

function csiNode({ name, zone }: DemoNode): KubernetesObject {
  const topologyKeys = ['topology.kubernetes.io/zone'];
  const drivers = [{ name: 'csi.disk.example.com', nodeID: `${zone}/${name}`, topologyKeys }];
  return make('storage.k8s.io/v1', 'CSINode', name, { spec: { drivers } });
}

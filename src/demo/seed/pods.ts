// A Pod of the demo cluster with the status that its kubelet would report.
import type { KubernetesObject, OwnerReference } from '../../model.ts';
import { hexId } from '../engine/container.ts';
import { imageOf } from './images.ts';
import { birth, type Fields, type Labels, make, ownedBy, suffixOf } from './make.ts';
import { type DemoNode, nodeNamed } from './nodes.ts';

export interface ContainerPlan {
  readonly name: string;
  readonly image: string;
  readonly restartPolicy?: string;
  readonly [field: string]: unknown;
}

/** A Pod spec as written by its author; defaults are added. */
export interface PodSpecPlan {
  readonly containers: readonly ContainerPlan[];
  readonly initContainers?: readonly ContainerPlan[];
  readonly ephemeralContainers?: readonly ContainerPlan[];
  readonly serviceAccountName?: string;
  readonly [field: string]: unknown;
}

export interface PodPlan {
  /** `namespace/name` */
  readonly path: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly owner?: OwnerReference;
  readonly generateName?: string;
  /** Undefined: not scheduled. */
  readonly node?: string;
  /** Last number of its address. */
  readonly ip?: number;
  readonly phase?: 'Running' | 'Succeeded' | 'Pending' | 'Failed';
  /** For a failed Pod: exit code of its containers. */
  readonly exitCode?: number;
  /** Its containers ended once and cannot restart. */
  readonly heldUp?: HeldUp;
  /** Running but not ready. */
  readonly unready?: boolean;
  readonly startedAt?: string;
  /** Additional fields of the status. */
  readonly status?: Fields;
  readonly spec: PodSpecPlan;
}

export interface HeldUp {
  readonly reason: string;
  readonly message: string;
}

const tolerations = ['not-ready', 'unreachable'].map((taint) => ({
  key: `node.kubernetes.io/${taint}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}));

/** The spec with defaults from the API server and admission. */
export function fullSpec(plan: PodSpecPlan): Fields {
  const { containers, initContainers, ephemeralContainers, serviceAccountName = 'default', ...rest } = plan;
  return {
    ...(initContainers && { initContainers: initContainers.map(fullContainer) }),
    containers: containers.map(fullContainer),
    ...(ephemeralContainers && { ephemeralContainers: ephemeralContainers.map(fullContainer) }),
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName,
    serviceAccount: serviceAccountName,
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...rest,
  };
}

function fullContainer(container: ContainerPlan): Fields {
  const { name, image, ...rest } = container;
  const termination = { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' };
  return { name, image, resources: {}, ...termination, imagePullPolicy: 'IfNotPresent', ...rest };
}

export function pod(plan: PodPlan): KubernetesObject {
  const { path, labels, annotations, owner, generateName, node, spec, startedAt = birth } = plan;
  const scheduled = {
    ...fullSpec(spec),
    ...(node && { nodeName: node }),
    tolerations,
    priority: 0,
    preemptionPolicy: 'PreemptLowerPriority',
    enableServiceLinks: true,
  };
  return make('v1', 'Pod', path, {
    createdAt: startedAt,
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(owner && { owners: [owner] }),
    ...(generateName && { generateName }),
    spec: scheduled,
    status: podStatus(plan),
  });
}

/** The status for a Pod's plan; `life.ts` makes later ones. */
export function podStatus(plan: PodPlan): Fields {
  const node = nodeNamed(plan.node);
  if (!plan.node) return unscheduled(plan);
  const { phase = 'Running', ip = 0, startedAt = birth } = plan;
  const ready = phase === 'Running' && !plan.unready && !plan.heldUp;
  const podIP = addressOf(plan, node, ip);
  const ips = podIP ? { podIP, podIPs: [{ ip: podIP }] } : {};
  const host = node ? { hostIP: node.address, hostIPs: [{ ip: node.address }] } : {};
  return {
    phase,
    conditions: podConditions(ready, phase, startedAt),
    ...host,
    ...ips,
    startTime: startedAt,
    ...containerStatuses(plan, node, ready),
    qosClass: 'BestEffort',
    ...generatedClaims(plan),
    ...plan.status,
  };
}

interface ClaimedResource {
  readonly name: string;
  readonly resourceClaimTemplateName?: string;
}

const nameOf = (path: string) => path.slice(path.indexOf('/') + 1);

/** Claims from templates have generated names, found only in the status. */
function generatedClaims({ path, spec }: PodPlan): Fields {
  const claims = ((spec['resourceClaims'] as ClaimedResource[] | undefined) ?? []).filter(
    (claim) => claim.resourceClaimTemplateName,
  );
  if (claims.length === 0) return {};
  const named = claims.map(({ name }) => ({
    name,
    resourceClaimName: `${nameOf(path)}-${name}-${suffixOf(5, path, name)}`,
  }));
  return { resourceClaimStatuses: named };
}

interface Volume {
  readonly name: string;
  readonly ephemeral?: { readonly volumeClaimTemplate: { readonly spec: Fields } };
}

/** Objects created and deleted with a Pod: claims for ephemeral volumes, and device claims from templates. */
export function companions(owner: KubernetesObject): KubernetesObject[] {
  const { name, namespace } = owner.metadata;
  const { volumes = [] } = owner['spec'] as { volumes?: Volume[] };
  const { resourceClaimStatuses = [] } = owner['status'] as {
    resourceClaimStatuses?: { name: string; resourceClaimName: string }[];
  };
  const ephemeral = volumes.flatMap((volume) =>
    volume.ephemeral ? [scratchClaim(owner, volume.name, volume.ephemeral.volumeClaimTemplate.spec)] : [],
  );
  const devices = resourceClaimStatuses.map((claim) =>
    make('resource.k8s.io/v1', 'ResourceClaim', `${namespace}/${claim.resourceClaimName}`, {
      annotations: { 'resource.kubernetes.io/pod-claim-name': claim.name },
      owners: [ownedBy(owner)],
      spec: deviceRequest,
      status: { reservedFor: [{ resource: 'pods', name, uid: owner.metadata.uid }] },
    }),
  );
  return [...ephemeral, ...devices];
}

export const deviceRequest = {
  devices: {
    requests: [
      {
        name: 'accelerator',
        exactly: { deviceClassName: 'accelerator.example.com', allocationMode: 'ExactCount', count: 1 },
      },
    ],
  },
};

/** Named after its Pod and volume. */
function scratchClaim(owner: KubernetesObject, volume: string, spec: Fields): KubernetesObject {
  const { name, namespace } = owner.metadata;
  return make('v1', 'PersistentVolumeClaim', `${namespace}/${name}-${volume}`, {
    owners: [ownedBy(owner)],
    spec: { volumeMode: 'Filesystem', ...spec },
    // Its Pod runs, so its volumes exist.
    status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } },
  });
}

function addressOf(plan: PodPlan, node: DemoNode | undefined, ip: number): string | undefined {
  if (plan.spec['hostNetwork'] === true) return node?.address;
  return node && ip ? `${node.podPrefix}.${ip}` : undefined;
}

function unscheduled(plan: PodPlan): Fields {
  const message =
    '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found.';
  const conditions = [
    {
      type: 'PodScheduled',
      status: 'False',
      lastProbeTime: null,
      lastTransitionTime: birth,
      reason: 'Unschedulable',
      message,
    },
  ];
  return { phase: 'Pending', conditions, qosClass: 'Burstable', ...plan.status };
}

function podConditions(ready: boolean, phase: string, at: string): Fields[] {
  const states: readonly (readonly [string, boolean])[] = [
    ['PodReadyToStartContainers', phase !== 'Succeeded'],
    ['Initialized', true],
    ['Ready', ready],
    ['ContainersReady', ready],
    ['PodScheduled', true],
  ];
  return states.map(([type, holds]) => ({
    type,
    status: holds ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: at,
  }));
}

function containerStatuses(plan: PodPlan, node: DemoNode | undefined, ready: boolean): Fields {
  const { spec, phase = 'Running' } = plan;
  const status = (container: ContainerPlan, finished: boolean) =>
    containerStatus(plan, container, node, ready, finished);
  const init = spec.initContainers?.map((container) =>
    status(container, container.restartPolicy !== 'Always' || phase === 'Succeeded'),
  );
  const ephemeral = spec.ephemeralContainers?.map((container) => status(container, false));
  return {
    ...(init && { initContainerStatuses: init }),
    containerStatuses: spec.containers.map((container) =>
      status(container, phase === 'Succeeded' || phase === 'Failed'),
    ),
    ...(ephemeral && { ephemeralContainerStatuses: ephemeral }),
  };
}

function containerStatus(
  plan: PodPlan,
  { name, image }: ContainerPlan,
  node: DemoNode | undefined,
  ready: boolean,
  finished: boolean,
): Fields {
  const { startedAt = birth, exitCode = plan.heldUp ? 1 : 0, heldUp } = plan;
  const containerID = `${node?.runtime ?? 'containerd'}://${containerHexId(plan.path, name)}`;
  const terminated = {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    startedAt,
    finishedAt: startedAt,
    containerID,
  };
  return {
    name,
    state: finished ? { terminated } : heldUp ? { waiting: heldUp } : { running: { startedAt } },
    lastState: heldUp ? { terminated } : {},
    ready: finished ? plan.phase !== 'Succeeded' && plan.phase !== 'Failed' : ready,
    restartCount: heldUp ? 1 : 0,
    image,
    imageID: imageIdOn(node, image),
    containerID,
    started: !finished && ready,
  };
}

/** Id of a container's `attempt`: a restart creates another container. */
export function containerHexId(path: string, container: string, attempt = 0): string {
  return hexId(path, container, ...(attempt > 0 ? [String(attempt)] : []));
}

/**
 * Runtimes name images differently: containerd and CRI-O by repository digest, Docker with a prefix, imported ones by id.
 */
export function imageIdOn(node: DemoNode | undefined, image: string): string {
  const { id, digest } = imageOf(image);
  if (node?.runtime === 'docker') return digest ? `docker-pullable://${digest}` : `docker://${id}`;
  return digest ?? id;
}

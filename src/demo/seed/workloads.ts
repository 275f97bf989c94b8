// Controllers of the demo cluster with their Pods, and Services with their EndpointSlices.
import type { KubernetesObject } from '../../model.ts';
import { birth, condition, type Description, type Fields, type Labels, make, ownedBy, suffixOf } from './make.ts';
import { demoNodes } from './nodes.ts';
import { fullSpec, type HeldUp, type PodSpecPlan, pod } from './pods.ts';

export interface WorkloadPlan {
  /** `namespace/name` */
  readonly path: string;
  readonly replicas?: number;
  /** Labels of the Pods, and their selector. */
  readonly labels: Labels;
  readonly spec: PodSpecPlan;
  /** Additional metadata of the controller. */
  readonly meta?: Description;
  /** Last number of the first Pod's address; the others follow. */
  readonly ip: number;
  /** Annotations of the Pods. */
  readonly podAnnotations?: Labels;
  /** What keeps its Pods from restarting. */
  readonly heldUp?: HeldUp;
}

const nodeAt = (index: number) => demoNodes[index % demoNodes.length]?.name ?? 'node-a';
const nameOf = (path: string) => path.slice(path.indexOf('/') + 1);
const template = (labels: Labels, plan: WorkloadPlan) => ({
  metadata: { labels, ...(plan.podAnnotations && { annotations: plan.podAnnotations }) },
  spec: fullSpec(plan.spec),
});

/** A Deployment with its ReplicaSet and Pods. */
export function deployment(plan: WorkloadPlan): KubernetesObject[] {
  const { path, replicas = 2, labels } = plan;
  const hash = templateHash(plan);
  const owner = make('apps/v1', 'Deployment', path, {
    labels,
    ...plan.meta,
    annotations: { 'deployment.kubernetes.io/revision': '1', ...plan.meta?.annotations },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: template(labels, plan),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    },
    status: plan.heldUp ? unavailableStatus(replicas) : deploymentStatus(replicas),
  });
  return [owner, ...replicaSet(plan, owner, hash, replicas)];
}

export function deploymentStatus(replicas: number): Fields {
  const counts = { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
  const available = condition('Available', 'True', { lastUpdateTime: birth, reason: 'MinimumReplicasAvailable' });
  return { observedGeneration: 1, ...counts, conditions: [available] };
}

function unavailableStatus(replicas: number): Fields {
  const counts = { replicas, updatedReplicas: replicas, unavailableReplicas: replicas };
  const available = condition('Available', 'False', { lastUpdateTime: birth, reason: 'MinimumReplicasUnavailable' });
  return { observedGeneration: 1, ...counts, conditions: [available] };
}

/** ReplicaSet names as from the Deployment controller: with a hash of the template. */
export function templateHash(plan: Pick<WorkloadPlan, 'path' | 'spec'>): string {
  return suffixOf(9, plan.path, JSON.stringify(plan.spec));
}

/** One ReplicaSet of a Deployment with its Pods. */
export function replicaSet(
  plan: WorkloadPlan,
  owner: KubernetesObject,
  hash: string,
  replicas: number,
): KubernetesObject[] {
  const labels = { ...plan.labels, 'pod-template-hash': hash };
  const path = `${plan.path}-${hash}`;
  const set = make('apps/v1', 'ReplicaSet', path, {
    labels,
    annotations: {
      'deployment.kubernetes.io/desired-replicas': String(replicas),
      'deployment.kubernetes.io/revision': '1',
    },
    owners: [ownedBy(owner)],
    spec: { replicas, selector: { matchLabels: labels }, template: template(labels, plan) },
    status: {
      replicas,
      fullyLabeledReplicas: replicas,
      ...(plan.heldUp ? {} : { readyReplicas: replicas, availableReplicas: replicas }),
      observedGeneration: 1,
    },
  });
  const pods = Array.from({ length: replicas }, (_, i) =>
    memberPod(plan, set, labels, `${path}-${suffixOf(5, path, String(i))}`, i),
  );
  return [set, ...pods];
}

/** Pod number `i` of a controller. */
export function memberPod(
  plan: WorkloadPlan,
  owner: KubernetesObject,
  labels: Labels,
  path: string,
  i: number,
): KubernetesObject {
  return pod({
    path,
    labels,
    owner: ownedBy(owner),
    generateName: `${owner.metadata.name}-`,
    node: nodeAt(i + plan.ip),
    ip: plan.ip + i,
    spec: plan.spec,
    ...(plan.podAnnotations && { annotations: plan.podAnnotations }),
    ...(plan.heldUp && { heldUp: plan.heldUp }),
  });
}

export interface StatefulSetPlan extends WorkloadPlan {
  readonly serviceName: string;
  readonly volumeClaimTemplates?: readonly KubernetesObject[];
}

/** A StatefulSet and its Pods; its claims are in `storage.ts`. */
export function statefulSet(plan: StatefulSetPlan): KubernetesObject[] {
  const { path, replicas = 2, labels, serviceName, volumeClaimTemplates } = plan;
  const owner = make('apps/v1', 'StatefulSet', path, {
    labels,
    ...plan.meta,
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: template(labels, plan),
      ...(volumeClaimTemplates && { volumeClaimTemplates }),
      serviceName,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    },
    status: {
      observedGeneration: 1,
      replicas,
      readyReplicas: replicas,
      currentReplicas: replicas,
      updatedReplicas: replicas,
      availableReplicas: replicas,
    },
  });
  const members = Array.from({ length: replicas }, (_, i) => {
    const own = {
      ...labels,
      'apps.kubernetes.io/pod-index': String(i),
      'statefulset.kubernetes.io/pod-name': `${nameOf(path)}-${i}`,
    };
    return memberPod(withClaims(plan, i), owner, own, `${path}-${i}`, i);
  });
  return [owner, ...members];
}

function withClaims(plan: StatefulSetPlan, index: number): StatefulSetPlan {
  const volumes = (plan.volumeClaimTemplates ?? []).map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: `${metadata.name}-${nameOf(plan.path)}-${index}` },
  }));
  const own = (plan.spec['volumes'] as object[] | undefined) ?? [];
  return { ...plan, spec: { ...plan.spec, volumes: [...volumes, ...own] } };
}

/** A DaemonSet and one Pod per node. */
export function daemonSet(plan: WorkloadPlan): KubernetesObject[] {
  const { path, labels } = plan;
  const count = demoNodes.length;
  const owner = make('apps/v1', 'DaemonSet', path, {
    labels,
    ...plan.meta,
    spec: {
      selector: { matchLabels: labels },
      template: template(labels, plan),
      updateStrategy: { type: 'RollingUpdate' },
      revisionHistoryLimit: 10,
    },
    status: {
      currentNumberScheduled: count,
      numberMisscheduled: 0,
      desiredNumberScheduled: count,
      numberReady: count,
      numberAvailable: count,
    },
  });
  const own = { ...labels, 'controller-revision-hash': suffixOf(9, path), 'pod-template-generation': '1' };
  const pods = demoNodes.map(({ name }, i) =>
    pod({
      path: `${path}-${suffixOf(5, path, name)}`,
      labels: own,
      owner: ownedBy(owner),
      generateName: `${owner.metadata.name}-`,
      node: name,
      ip: plan.ip + i,
      spec: plan.spec,
    }),
  );
  return [owner, ...pods];
}

/** A completed Job with its Pod. */
export function finishedJob(plan: WorkloadPlan, owner?: KubernetesObject): KubernetesObject[] {
  const { path, labels } = plan;
  const uid = suffixOf(8, path);
  const own = {
    ...labels,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': nameOf(path),
    'job-name': nameOf(path),
  };
  const spec = { ...plan, spec: { ...plan.spec, restartPolicy: 'Never' } };
  const job = make('batch/v1', 'Job', path, {
    labels: own,
    ...plan.meta,
    ...(owner && { owners: [ownedBy(owner)] }),
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      template: template(own, spec),
      completionMode: 'NonIndexed',
      suspend: false,
    },
    status: {
      startTime: birth,
      completionTime: birth,
      succeeded: 1,
      ready: 0,
      terminating: 0,
      conditions: [condition('Complete', 'True', { reason: 'CompletionsReached' })],
    },
  });
  const done = pod({
    path: `${path}-${suffixOf(5, path)}`,
    labels: own,
    owner: ownedBy(job),
    generateName: `${nameOf(path)}-`,
    node: nodeAt(plan.ip),
    ip: plan.ip,
    phase: 'Succeeded',
    spec: spec.spec,
  });
  return [job, done];
}

export interface ServicePlan {
  readonly path: string;
  readonly selector?: Labels;
  readonly ports: readonly Fields[];
  readonly meta?: Description;
  /** Additional fields of the spec. */
  readonly spec?: Fields;
  readonly status?: Fields;
  readonly clusterIP: string;
}

export function service(plan: ServicePlan): KubernetesObject {
  const { path, selector, ports, clusterIP, meta, spec, status = { loadBalancer: {} } } = plan;
  return make('v1', 'Service', path, {
    ...meta,
    spec: {
      ports: ports.map((port) => ({ protocol: 'TCP', targetPort: port['port'], ...port })),
      ...(selector && { selector }),
      clusterIP,
      clusterIPs: [clusterIP],
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      ...spec,
    },
    status,
  });
}

/** The slice that the endpoint controller would make for a Service and its Pods. */
export function endpointSlice(
  owner: KubernetesObject,
  pods: readonly KubernetesObject[],
  family: 'IPv4' | 'IPv6' = 'IPv4',
): KubernetesObject {
  const { name, namespace = '' } = owner.metadata;
  const path = `${namespace}/${name}-${suffixOf(5, namespace, name, family)}`;
  const { ports } = owner['spec'] as { ports: { name?: string; targetPort: unknown; protocol: string }[] };
  return make('discovery.k8s.io/v1', 'EndpointSlice', path, {
    generateName: `${name}-`,
    labels: {
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      'kubernetes.io/service-name': name,
    },
    annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': birth },
    owners: [ownedBy(owner)],
    addressType: family,
    endpoints: pods.map((each) => endpoint(each, family)),
    ports: ports.map(({ name: port = '', targetPort, protocol }) => ({
      name: port,
      port: typeof targetPort === 'number' ? targetPort : 8080,
      protocol,
    })),
  });
}

export function endpoint(target: KubernetesObject, family: 'IPv4' | 'IPv6' = 'IPv4'): Fields {
  const { name, namespace, uid } = target.metadata;
  const { podIP = '' } = target['status'] as { podIP?: string };
  const { nodeName = '' } = target['spec'] as { nodeName?: string };
  const ready = isReady(target);
  const zone = demoNodes.find((node) => node.name === nodeName)?.zone;
  return {
    addresses: [family === 'IPv4' ? podIP : sixOf(podIP)],
    conditions: { ready, serving: ready, terminating: target.metadata.deletionTimestamp !== undefined },
    nodeName,
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(zone && { zone }),
  };
}

/** The same Pod's address in the other family, as API servers want it: without leading zeros. */
function sixOf(podIP: string): string {
  const [third = '0', fourth = '0'] = podIP.split('.').slice(2);
  return `fd00:10:244::${third === '0' ? '' : `${third}:`}${fourth}`;
}

export function isReady(target: KubernetesObject): boolean {
  const { conditions = [] } = target['status'] as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** The Pods among `objects` that a Service selects. */
export function selected(owner: KubernetesObject, objects: readonly KubernetesObject[]): KubernetesObject[] {
  const { selector } = owner['spec'] as { selector?: Labels };
  const wanted = Object.entries(selector ?? {});
  if (wanted.length === 0) return [];
  return objects.filter(({ kind, metadata }) => {
    if (kind !== 'Pod' || metadata.namespace !== owner.metadata.namespace) return false;
    return wanted.every(([key, value]) => metadata.labels?.[key] === value);
  });
}

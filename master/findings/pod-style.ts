// Pods' specs: dangers for the node, and good practice.
import { isRecord } from '../../src/fields.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { FindingView, ResourceFindingRule } from './finding-rule.ts';
import {
  type ContainerFields,
  containersOf,
  isWorkload,
  type PodFields,
  podFieldsOf,
  wantedOf,
  workloadTypes,
} from './pod-fields.ts';
import {
  called,
  countAt,
  fieldsAt,
  first,
  isOfTemplate,
  listed,
  recordsOf,
  some,
  specOf,
  systemNamespaces,
  textAt,
} from './reading.ts';

const dangerous: ReadonlySet<string> = new Set([
  'ALL',
  'SYS_ADMIN',
  'SYS_MODULE',
  'SYS_PTRACE',
  'NET_ADMIN',
  'DAC_READ_SEARCH',
  'SYS_RAWIO',
  'BPF',
]);
/** Writing to these paths controls the node. */
const ofTheNode = [
  /^\/$/,
  /^\/etc(\/|$)/,
  /^\/root(\/|$)/,
  /^\/boot(\/|$)/,
  /^\/proc(\/|$)/,
  /^\/var\/lib\/kubelet(\/|$)/,
  /\/(docker|containerd|crio|cri-dockerd)\.sock$/,
  /^\/(var\/)?run$/,
];

export const privilegedWorkload = {
  name: 'privileged-workload',
  group: 'access',
  class: 'risk',
  severity: 'medium',
  sentence:
    "A workload is privileged, shares the host's process namespace, writes to system folders of its Node, has dangerous capabilities, or sets runAsUser to root. The user that the image sets is not known. Severity info for DaemonSets of system Namespaces, and for storage and network drivers.",
  remedy: 'Remove the privileges it does not need. Accept an agent with its reason.',
  link: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  types: workloadTypes,
  reads: [],
  of(workload, view) {
    if (!isWorkload(workload, view) || !mayBePrivileged(workload, view)) return undefined;
    const fields = podFieldsOf(workload, view);
    const [worst, ...more] = fields ? privilegesOf(fields) : [];
    if (!worst) return undefined;
    const root = view.rootOf(workload);
    const isAgent = (root.type === 'DaemonSet' && systemNamespaces.has(root.namespace)) || isDriver(root);
    const isStatic = workload.type === 'Pod' && systemNamespaces.has(workload.namespace);
    return {
      on: root,
      field: worst.field,
      severity: isAgent || isStatic ? 'info' : 'medium',
      class: isAgent || isStatic ? 'advice' : 'risk',
      sentence: `${called(root)} ${listed([worst, ...more].map(({ words }) => words))}`,
    };
  },
} as const satisfies ResourceFindingRule;

/** What each privilege is written with: most have none and need not be read. */
const privileges = ['"privileged":true', 'hostP', 'hostIPC', '"capabilities":{', '"runAsUser":0'] as const;

function mayBePrivileged(workload: Vertex, view: FindingView): boolean {
  return privileges.some((letters) => view.mentions(workload, letters));
}

interface Privilege {
  readonly words: string;
  readonly field: string;
}

function privilegesOf(pod: PodFields): Privilege[] {
  const { spec, path } = pod;
  const found: Privilege[] = [];
  for (const container of containersOf(pod)) found.push(...ofContainer(container));
  for (const name of ['hostPID', 'hostIPC'] as const)
    if (spec[name] === true)
      found.push({
        words: `shares the ${name === 'hostPID' ? 'processes' : 'memory'} of its node`,
        field: `${path}.${name}`,
      });
  found.push(...hostPaths(pod));
  if (fieldsAt(spec, 'securityContext')['runAsUser'] === 0)
    found.push({ words: 'runs as root', field: `${path}.securityContext.runAsUser` });
  return found;
}

function ofContainer({ fields, path, name }: ContainerFields): Privilege[] {
  const context = fieldsAt(fields, 'securityContext');
  const found: Privilege[] = [];
  if (context['privileged'] === true)
    found.push({ words: `is privileged (${name})`, field: `${path}.securityContext.privileged` });
  const { add } = fieldsAt(context, 'capabilities');
  const bad = Array.isArray(add)
    ? add.filter((each): each is string => dangerous.has(String(each).replace(/^CAP_/, '')))
    : [];
  if (bad.length > 0)
    found.push({
      words: `has the capabilities ${listed(bad)} (${name})`,
      field: `${path}.securityContext.capabilities.add`,
    });
  if (context['runAsUser'] === 0)
    found.push({ words: `runs as root (${name})`, field: `${path}.securityContext.runAsUser` });
  return found;
}

function hostPaths(pod: PodFields): Privilege[] {
  const writes = new Set(
    containersOf(pod).flatMap(({ fields }) =>
      recordsOf(fields['volumeMounts']).flatMap(({ item }) =>
        item['readOnly'] === true ? [] : [textAt(item, 'name')],
      ),
    ),
  );
  return recordsOf(pod.spec['volumes']).flatMap(({ at, item }) => {
    const where = textAt(fieldsAt(item, 'hostPath'), 'path').replace(/(.)\/+$/, '$1');
    if (!where || !writes.has(textAt(item, 'name')) || !ofTheNode.some((each) => each.test(where))) return [];
    return { words: `writes to ${where} of its node`, field: `${pod.path}.volumes[${at}].hostPath` };
  });
}

function isDriver({ name, labels = {} }: Vertex): boolean {
  const words = [name, labels['app'] ?? '', labels['app.kubernetes.io/name'] ?? '', labels['k8s-app'] ?? ''].join(' ');
  return /\bcsi\b|cni|calico|cilium|flannel|weave|kube-proxy|node-exporter|multus/.test(words);
}

const kept = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

export const probeMissing = {
  name: 'probe-missing',
  group: 'workloads',
  class: 'advice',
  severity: 'info',
  sentence:
    'No container of a workload behind a Service has a readiness probe: it gets traffic before it can answer. Exceptions: Jobs, and workloads without a Service.',
  remedy: 'Add a readiness probe.',
  link: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
  types: kept,
  reads: [],
  of(workload, view) {
    const services = [...view.into(workload, 'loadBalances')].filter((edge) => isOfTemplate(edge, view));
    const fields = services.length > 0 && isWorkload(workload, view) ? podFieldsOf(workload, view) : undefined;
    const containers = fields ? containersOf(fields).filter(({ init }) => !init) : [];
    if (
      containers.length === 0 ||
      wantedOf(workload, view) === 0 ||
      containers.some((each) => isRecord(each.fields['readinessProbe']))
    )
      return undefined;
    return {
      on: workload,
      field: `${containers[0]?.path}.readinessProbe`,
      path: services.slice(0, 2),
      sentence: `${called(workload)} is behind ${listed(services.map(({ source }) => called(source)))} and has no readiness probe`,
    };
  },
} as const satisfies ResourceFindingRule;

export const bestEffort = {
  name: 'best-effort',
  group: 'workloads',
  class: 'advice',
  severity: 'info',
  sentence:
    'No container of a workload has resource requests: its Pods are evicted first. Exceptions: Jobs, Namespaces with LimitRange defaults, and workloads that a VerticalPodAutoscaler updates.',
  remedy: 'Set requests for what it needs.',
  link: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/',
  types: kept,
  reads: ['LimitRange'],
  of(workload, view) {
    const fields = isWorkload(workload, view) ? podFieldsOf(workload, view) : undefined;
    const containers = fields ? containersOf(fields) : [];
    if (
      containers.length === 0 ||
      containers.some(
        ({ fields: each }) =>
          isRecord(fieldsAt(each, 'resources')['requests']) || isRecord(fieldsAt(each, 'resources')['limits']),
      )
    )
      return undefined;
    if (isRecord(fieldsAt(fields?.spec ?? {}, 'resources')['requests'])) return undefined;
    if (some(view.members('LimitRange', workload.namespace), (range) => hasDefaults(range, view))) return undefined;
    if (some(view.into(workload, 'scales'), ({ source }) => source.type.startsWith('VerticalPodAutoscaler')))
      return undefined;
    return {
      on: workload,
      field: `${containers[0]?.path}.resources`,
      sentence: `${called(workload)} has no resource requests: its Pods are evicted first`,
    };
  },
} as const satisfies ResourceFindingRule;

function hasDefaults(range: Vertex, view: FindingView): boolean {
  return recordsOf(specOf(range, view)['limits']).some(
    ({ item }) => isRecord(item['defaultRequest']) || isRecord(item['default']),
  );
}

export const singleReplica = {
  name: 'single-replica',
  group: 'workloads',
  class: 'advice',
  severity: 'info',
  sentence:
    'A Deployment with one replica is behind a route, and no autoscaler adds more: each rollout or drain is an outage. Exceptions: StatefulSets, the strategy Recreate, and workloads that elect a leader.',
  remedy: 'Run two replicas, or accept the outage.',
  link: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#scaling-a-deployment',
  types: ['Deployment'],
  reads: [],
  of(workload, view) {
    if (wantedOf(workload, view) !== 1 || textAt(fieldsAt(specOf(workload, view), 'strategy'), 'type') === 'Recreate')
      return undefined;
    const services = [...view.into(workload, 'loadBalances')];
    const routed = services.find(({ source }) => first(view.into(source, 'routesTo')));
    if (
      !routed ||
      some(view.into(workload, 'scales'), ({ source }) => countAt(specOf(source, view), 'minReplicas', 1) > 1)
    )
      return undefined;
    const fields = podFieldsOf(workload, view);
    if (
      fields &&
      containersOf(fields).some(({ fields: { args, command } }) => /leader-elect/.test(JSON.stringify([args, command])))
    )
      return undefined;
    const route = first(view.into(routed.source, 'routesTo'));
    return {
      on: workload,
      field: 'spec.replicas',
      path: [...(route ? [route] : []), routed],
      sentence: `${called(workload)} has one replica, and ${route ? called(route.source) : called(routed.source)} leads to it`,
    };
  },
} as const satisfies ResourceFindingRule;

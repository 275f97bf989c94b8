// Pods and Pod templates for rules of findings.
import type { KubernetesObject } from '../../src/model.ts';
import { podControllerTypes, podSpecOf, podSpecTypes, templateLabelsOf } from '../../src/pod-spec.ts';
import { quantityOf } from '../../src/quantity.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView } from './finding-rule.ts';
import { countAt, type Fields, fieldsAt, isBy, isOptional, recordsOf, specOf, statusOf, textAt } from './reading.ts';

/** Controllers of Pods, and bare Pods. */
export const workloadTypes = [...podControllerTypes, 'Pod'] as const;

const templated: ReadonlySet<string> = new Set(podSpecTypes);

/** A controller of Pods not made from another template, or a Pod without such a controller. */
export function isWorkload(vertex: Vertex, view: FindingView): boolean {
  // An owner that no longer exists has no template to report on.
  return !view.anySource(vertex, ({ type, present }) => present && templated.has(type), 'owns', 'monitors');
}

export interface PodFields {
  readonly spec: Fields;
  /** Such as `spec.template.spec`. */
  readonly path: string;
}

/** Undefined without Pod fields. */
export function podFieldsOf(vertex: Vertex, view: FindingView): PodFields | undefined {
  const found = podSpecOf(objectOf(vertex, view));
  return found && { spec: found.spec as unknown as Fields, path: found.path };
}

/** Labels of the Pods of its template; undefined without a template that is known. */
export function templateLabelsIn(vertex: Vertex, view: FindingView): { readonly [name: string]: string } | undefined {
  return templateLabelsOf(objectOf(vertex, view));
}

function objectOf(vertex: Vertex, view: FindingView): KubernetesObject {
  return { ...view.object(vertex), kind: vertex.type } as unknown as KubernetesObject;
}

export interface ContainerFields {
  readonly fields: Fields;
  readonly name: string;
  /** Such as `spec.template.spec.containers[0]`. */
  readonly path: string;
  /** It runs before the others and ends. */
  readonly init: boolean;
}

/** Init containers first. */
export function containersOf({ spec, path }: PodFields): ContainerFields[] {
  return (['initContainers', 'containers'] as const).flatMap((list) =>
    recordsOf(spec[list]).map(({ at, item }) => ({
      fields: item,
      name: textAt(item, 'name'),
      path: `${path}.${list}[${at}]`,
      init: list === 'initContainers' && item['restartPolicy'] !== 'Always',
    })),
  );
}

export interface ContainerStatus {
  readonly name: string;
  readonly fields: Fields;
  readonly path: string;
  readonly init: boolean;
}

export function containerStatusesOf(pod: Vertex, view: FindingView): ContainerStatus[] {
  const status = statusOf(pod, view);
  return (['initContainerStatuses', 'containerStatuses'] as const).flatMap((list) =>
    recordsOf(status[list]).map(({ at, item }) => ({
      name: textAt(item, 'name'),
      fields: item,
      path: `status.${list}[${at}]`,
      init: list === 'initContainerStatuses',
    })),
  );
}

/** Wanted number of Pods; undefined if not given, as for a DaemonSet. */
export function wantedOf(vertex: Vertex, view: FindingView): number | undefined {
  switch (vertex.type) {
    case 'Deployment':
    case 'StatefulSet':
    case 'ReplicaSet':
    case 'ReplicationController':
      return countAt(specOf(vertex, view), 'replicas', 1);
    case 'CronJob':
      return specOf(vertex, view)['suspend'] === true ? 0 : undefined;
    default:
      return undefined;
  }
}

/** Running and ready by its own status. */
export function isReady(pod: Vertex, view: FindingView): boolean {
  const { item } = recordsOf(statusOf(pod, view)['conditions']).find(({ item }) => item['type'] === 'Ready') ?? {};
  return item?.['status'] === 'True';
}

export function isFinished({ fields }: Pick<Vertex, 'fields'>): boolean {
  return fields['status.phase'] === 'Succeeded' || fields['status.phase'] === 'Failed';
}

/** Unfinished Pods below it, with the relations that lead there. */
export function podsOf(workload: Vertex, view: FindingView, most = 1000): Vertex[] {
  if (workload.type === 'Pod') return isFinished(workload) ? [] : [workload];
  const pods: Vertex[] = [];
  const seen = new Set([workload]);
  for (const vertex of seen) {
    for (const { target } of view.out(vertex, 'monitors', 'owns')) {
      if (seen.has(target) || !target.present || seen.size > most) continue;
      seen.add(target);
      if (target.type === 'Pod' && !isFinished(view.facets(target))) pods.push(target);
    }
  }
  return pods;
}

/** Types whose absence another finding reports. */
const saidElsewhere: ReadonlySet<string> = new Set([
  'PriorityClass',
  'RuntimeClass',
  'StorageClass',
  'CSIDriver',
  'Image',
]);
/** Optional lookups: an image may be pulled without a Secret. */
const onlyInCase: ReadonlySet<string> = new Set(['pod-image-pull-secret', 'pod-account-pull-secret']);

/** Whether the workload's Pods need it. */
export function isNeeded(edge: Edge, view: FindingView): boolean {
  // Controllers create these in every namespace.
  if (edge.target.name === 'default' || edge.target.name === 'kube-root-ca.crt') return false;
  return !saidElsewhere.has(edge.target.type) && !isOptional(edge, view) && !isBy(edge, onlyInCase);
}

/** An existing Node, not cordoned and not known to be down. */
export function takesPods(node: Vertex, view: FindingView): boolean {
  if (!node.present || specOf(node, view)['unschedulable'] === true) return false;
  const ready = recordsOf(statusOf(node, view)['conditions']).find(({ item }) => item['type'] === 'Ready');
  return ready === undefined || ready.item['status'] === 'True';
}

type Requests = { readonly cpu: number; readonly memory: number };

/**
 * What the scheduler reserves for a Pod, in cores and bytes: the Pod's own requests where it has some, otherwise the sum of
 * its containers and sidecars or its largest init container; and its overhead.
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function requestsOf(spec: Fields): Requests {
  const own = fieldsAt(fieldsAt(spec, 'resources'), 'requests');
  const overhead = fieldsAt(spec, 'overhead');
  const of = (name: keyof Requests) =>
    (quantityOf(own[name]) ?? requestOfContainers(spec, name)) + (quantityOf(overhead[name]) ?? 0);
  return { cpu: of('cpu'), memory: of('memory') };
}

function requestOfContainers(spec: Fields, name: keyof Requests): number {
  const requestOf = (item: Fields) => quantityOf(fieldsAt(fieldsAt(item, 'resources'), 'requests')[name]) ?? 0;
  let [sidecars, starting] = [0, 0];
  for (const { item } of recordsOf(spec['initContainers'])) {
    if (item['restartPolicy'] === 'Always') sidecars += requestOf(item);
    else starting = Math.max(starting, sidecars + requestOf(item));
  }
  const running = recordsOf(spec['containers']).reduce((sum, { item }) => sum + requestOf(item), sidecars);
  return Math.max(starting, running);
}

// Finds the Pod spec in a Pod or in an object with a Pod template, and visits its containers.
import type { KubernetesObject, OwnerReference } from './model.ts';

/** The fields of a Pod spec that rules read. In custom resources any may be missing or malformed. */
export interface PodSpec {
  readonly nodeName?: string;
  readonly containers?: readonly ContainerSpec[];
  readonly initContainers?: readonly ContainerSpec[];
  readonly ephemeralContainers?: readonly ContainerSpec[];
  readonly [field: string]: unknown;
}

export interface ContainerSpec {
  readonly name: string;
  readonly image?: string;
  readonly [field: string]: unknown;
}

export interface FoundPodSpec {
  readonly spec: PodSpec;
  /** Its path: `spec`, `spec.template.spec` or `spec.jobTemplate.spec.template.spec`. */
  readonly path: string;
  /** True unless the object is a Pod. */
  readonly template: boolean;
  /** The Pod has ended and uses nothing any more. */
  readonly finished: boolean;
}

/** Marks on every reference of a Pod spec: it is from a template, or from a finished Pod. */
export function marksOf({ template, finished }: FoundPodSpec): {
  readonly template?: true;
  readonly dependence?: 'none';
} {
  if (template) return byTemplate;
  return finished ? byFinished : byPod;
}

const byTemplate = { template: true } as const;
const byFinished = { dependence: 'none' } as const;
const byPod = {} as const;

/** Phases of Pods that have ended for good. */
export const finishedPhases = ['Succeeded', 'Failed'] as const;

/** Built-in types that make Pods from a template. */
export const podControllerTypes = [
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
] as const;

/** Pods, and built-in types with a Pod template. */
export const podSpecTypes = ['Pod', ...podControllerTypes, 'PodTemplate'] as const;

interface Path {
  readonly steps: readonly string[];
  /** Made once: many rules read it for every Pod. */
  readonly text: string;
}

const pathOf = (text: string): Path => ({ steps: text.split('.'), text });
const paths: { readonly [type: string]: Path } = {
  Pod: pathOf('spec'),
  CronJob: pathOf('spec.jobTemplate.spec.template.spec'),
  PodTemplate: pathOf('template.spec'),
};
const templatePath = pathOf('spec.template.spec');

/** The Pod spec of an object with `kind` set; undefined if it has none. */
export function podSpecOf(object: KubernetesObject): FoundPodSpec | undefined {
  const { steps, text } = paths[object.kind ?? ''] ?? templatePath;
  let at: unknown = object;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as { [key: string]: unknown })[step];
  }
  if (typeof at !== 'object' || at === null) return undefined;
  const template = steps.length > 1;
  return { spec: at as PodSpec, path: text, template, finished: !template && isFinished(object) };
}

export function isFinished(object: KubernetesObject): boolean {
  const { status } = object as { status?: { readonly phase?: unknown } | null };
  return finishedPhases.some((phase) => phase === status?.phase);
}

/**
 * Whether a controller copied its template: a ReplicaSet's from a Deployment or Rollout, a Job's from a CronJob. That
 * object has the same references.
 */
export function isMadeOfTemplate({ kind, metadata }: KubernetesObject): boolean {
  const { ownerReferences } = metadata;
  if ((kind !== 'ReplicaSet' && kind !== 'Job') || !Array.isArray(ownerReferences)) return false;
  const owner = (ownerReferences as readonly (OwnerReference | null)[]).find((each) => each?.controller === true);
  return owner ? kind === 'ReplicaSet' || owner.kind === 'CronJob' : false;
}

/** The labels of Pods made from the object's template; undefined without a template. */
export function templateLabelsOf(object: KubernetesObject): { readonly [key: string]: string } | undefined {
  const found = podSpecOf(object);
  if (!found?.template || !Array.isArray(found.spec.containers)) return undefined;
  const steps = found.path.split('.').slice(0, -1);
  const template = steps.reduce<unknown>((at, step) => (at as { [key: string]: unknown })[step], object);
  const { metadata } = template as { metadata?: { labels?: unknown } | null };
  return { ...textsOf(metadata?.labels), ...labelsAddedTo(object) };
}

function textsOf(labels: unknown): { [key: string]: string } {
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) return {};
  return Object.fromEntries(Object.entries(labels).filter((entry) => typeof entry[1] === 'string'));
}

/** Labels that the Job controller adds to its Pods. */
function labelsAddedTo({ kind, metadata }: KubernetesObject): { [key: string]: string } {
  return kind === 'Job' ? { 'batch.kubernetes.io/job-name': metadata.name, 'job-name': metadata.name } : {};
}

/** Lists of containers in a Pod spec; sidecars are init containers. */
export const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

// Finds the Pod spec in a Pod or in any object that carries a Pod template, and walks its containers.
import type { KubernetesObject, OwnerReference } from './model.ts';

/** What rules read of a Pod spec. Every field may be absent or, from a custom resource, of another shape. */
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
  /** Where it stands: `spec`, `spec.template.spec` or `spec.jobTemplate.spec.template.spec`. */
  readonly path: string;
  /** True unless the object is a Pod. */
  readonly template: boolean;
  /** A Pod that has ended: nothing it names is in use by it any more. */
  readonly finished: boolean;
}

/** What every reference of a Pod spec says besides its ends: that a template says it, or that a finished Pod does. */
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

/** Phases in which a Pod has ended for good. */
export const finishedPhases = ['Succeeded', 'Failed'] as const;

/** Types that are a Pod or carry a template of one. */
export const podSpecTypes = [
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'PodTemplate',
] as const;

interface Path {
  readonly steps: readonly string[];
  /** Written once: a score of rules ask for it, of every Pod. */
  readonly text: string;
}

const pathOf = (text: string): Path => ({ steps: text.split('.'), text });
const paths: { readonly [type: string]: Path } = {
  Pod: pathOf('spec'),
  CronJob: pathOf('spec.jobTemplate.spec.template.spec'),
  PodTemplate: pathOf('template.spec'),
};
const templatePath = pathOf('spec.template.spec');

/** The Pod spec of an object whose `kind` is set, or undefined where it has none. */
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
 * Whether its template was copied from that of the controller that made it: a ReplicaSet's from a Deployment's or a Rollout's,
 * a Job's from a CronJob's. What it says, that one says.
 */
export function isMadeOfTemplate({ kind, metadata }: KubernetesObject): boolean {
  const { ownerReferences } = metadata;
  if ((kind !== 'ReplicaSet' && kind !== 'Job') || !Array.isArray(ownerReferences)) return false;
  const owner = (ownerReferences as readonly (OwnerReference | null)[]).find((each) => each?.controller === true);
  return owner ? kind === 'ReplicaSet' || owner.kind === 'CronJob' : false;
}

/** The labels that Pods made of the object's template will have; undefined where it has no template. */
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

/** What the Job controller adds to the labels of its Pods. */
function labelsAddedTo({ kind, metadata }: KubernetesObject): { [key: string]: string } {
  return kind === 'Job' ? { 'batch.kubernetes.io/job-name': metadata.name, 'job-name': metadata.name } : {};
}

/** The lists of a Pod spec that hold containers; sidecars are init containers. */
export const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

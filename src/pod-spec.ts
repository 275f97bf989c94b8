// Finds the Pod spec in a Pod or in any object that carries a Pod template, and walks its containers.
import type { KubernetesObject } from './model.ts';

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
}

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
  return { spec: at as PodSpec, path: text, template: steps.length > 1 };
}

/** The lists of a Pod spec that hold containers; sidecars are init containers. */
export const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

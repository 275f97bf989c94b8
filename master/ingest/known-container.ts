// What is kept of a container that a runtime reported, and how that is laid over what its Pod says of it.
import { digestOf } from '../../src/digest.ts';
import { resourceId } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { PodReference, RuntimeContainer } from '../sources/runtime/convert.ts';

/** What a node's probes report about a container: shown as its property `observed`. */
export interface Observed {
  readonly [field: string]: unknown;
}

/** What is kept of a runtime's report besides what the graph shows. */
export interface Known {
  readonly node: string;
  readonly label: string;
  readonly pod: PodReference | undefined;
  readonly running: boolean;
  readonly digest: string;
  /** Digests by pid: the texts would duplicate the data of every node's runtime. */
  readonly processes: Map<string, string>;
  /** The runtime's own id. */
  readonly runtimeId: string;
  /** Its id if its claim holds, and if not. */
  readonly id: string;
  readonly foreignId: string;
  /** The current one of these two. */
  shown: string;
  counted: boolean;
}

/** The runtime's inspect data, and the error if it could not be read. */
export interface Run {
  readonly inspect: unknown;
  readonly error: string | undefined;
}

/**
 * Whether it is shown without its Pod: it never had one, or it runs where that Pod is not. An exited container of a deleted
 * Pod is not shown.
 */
export function standsAlone({ pod, running }: Known): boolean {
  return pod === undefined || running;
}

export function podId({ name, namespace }: PodReference): string {
  return resourceId('Pod', name, namespace);
}

export function knownFrom(node: string, container: RuntimeContainer): Known {
  const { id, containerID: runtimeId, foreignId, label, pod, inspect, stable, error } = container;
  const digest = digestOf(`${stable}${error ?? ''}`);
  const running = inspect.State.Running;
  const place = { id, runtimeId, foreignId, shown: id };
  return { node, label, pod, running, digest, processes: new Map(), ...place, counted: false };
}

/** The Pod's report, and the runtime's beside it. */
export function merge(
  said: KubernetesObject | undefined,
  known: Known | undefined,
  run: Run | undefined,
  observed: Observed | undefined,
): KubernetesObject {
  const seen = observed === undefined ? {} : { observed };
  if (!known || !run) return { ...said, ...seen } as KubernetesObject;
  const object = said ?? alone(known, run);
  const error = run.error === undefined ? {} : { runtimeError: run.error };
  return { ...object, runtime: run.inspect, ...error, ...seen } as KubernetesObject;
}

/** A container that no Pod names. The labels of a foreign one still show what it claims. */
function alone({ node, label, pod, id, shown }: Known, { inspect }: Run): KubernetesObject {
  const isForeign = shown !== id;
  const { Name } = inspect as { readonly Name?: string };
  const name = isForeign ? (Name ?? '').replace(/^\//, '') || label : label;
  const place = pod && !isForeign ? { namespace: pod.namespace, pod: pod.name } : { node };
  return { apiVersion: 'v1', kind: 'Container', metadata: { name, ...place } } as KubernetesObject;
}

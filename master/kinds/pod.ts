// Pod of the core group: how it is found, read and reduced.

import { fieldsOf, listOf } from '../../src/fields.ts';
import { containerId } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { ContainerSpec, PodSpec } from '../../src/pod-spec.ts';
import type { Kind, Part } from './kind.ts';
import { cut } from './reduce.ts';

export const pod = {
  kind: 'Pod',
  group: '',
  versions: ['v1'],
  plural: 'pods',
  namespaced: true,
  aliases: ['po'],
  reduce: reducePod,
  parts: containersOf,
} as const satisfies Kind;

function reducePod(object: KubernetesObject): KubernetesObject {
  for (const condition of listOf(fieldsOf(object.status)?.conditions)) cut(condition, 'lastProbeTime');
  return object;
}

const lists = [
  { specs: 'initContainers', statuses: 'initContainerStatuses', type: 'init' },
  { specs: 'containers', statuses: 'containerStatuses', type: 'container' },
  { specs: 'ephemeralContainers', statuses: 'ephemeralContainerStatuses', type: 'ephemeral' },
] as const;

/** A Pod's containers, init, sidecar, normal and ephemeral, in the order of its spec, with their status if any. */
function containersOf(pod: KubernetesObject): Part[] {
  const parts: Part[] = [];
  const spec = fieldsOf(pod.spec) as PodSpec | undefined;
  const status = fieldsOf(pod.status);
  for (const { specs, statuses, type } of lists) {
    const statusOf = byName(listOf(status?.[statuses]));
    for (const container of listOf(spec?.[specs]) as ContainerSpec[]) {
      if (typeof container?.name === 'string') parts.push(partOf(pod, container, statusOf.get(container.name), type));
    }
  }
  return parts;
}

/** The first of each name. */
function byName(statuses: readonly unknown[]): ReadonlyMap<unknown, unknown> {
  const found = new Map<unknown, unknown>();
  for (const status of statuses) {
    const name = fieldsOf(status)?.name;
    if (!found.has(name)) found.set(name, status);
  }
  return found;
}

function partOf(pod: KubernetesObject, spec: ContainerSpec, status: unknown, list: string): Part {
  const namespace = pod.metadata.namespace ?? '';
  const uid = fieldsOf(status)?.containerID;
  const metadata = { name: spec.name, namespace, pod: pod.metadata.name, ...(typeof uid === 'string' && { uid }) };
  const type = list === 'init' && spec.restartPolicy === 'Always' ? 'sidecar' : list;
  return {
    type: 'Container',
    id: containerId(namespace, pod.metadata.name, spec.name),
    label: spec.name,
    object: { apiVersion: 'v1', kind: 'Container', metadata, spec, ...(status !== undefined && { status }), type },
  };
}

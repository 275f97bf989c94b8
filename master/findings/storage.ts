// Claims that wait, are lost or unused, or are unreachable for nodes.
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView, ResourceFindingRule } from './finding-rule.ts';
import { isFinished, takesPods } from './pod-fields.ts';
import {
  called,
  conditionsOf,
  day,
  first,
  listed,
  metadataOf,
  minute,
  recordsOf,
  some,
  specOf,
  textAt,
} from './reading.ts';

const claim = 'PersistentVolumeClaim';

export const claimPending = {
  name: 'claim-pending',
  group: 'configuration',
  class: 'broken',
  severity: 'high',
  tier: 'storage',
  sentence:
    'A PersistentVolumeClaim has been pending for five minutes, although its StorageClass binds immediately or a Pod that mounts it has a Node. Exceptions: a class that waits for a Pod without a Node, and a class that does not exist.',
  remedy: "Check the provisioner's events, and that the StorageClass and its CSI driver exist.",
  link: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding',
  types: [claim],
  reads: ['StorageClass'],
  of(vertex, view) {
    if (vertex.fields['status.phase'] !== 'Pending') return undefined;
    const created = metadataOf(vertex, view)['creationTimestamp'];
    if (!view.isPast(created, 5 * minute)) return undefined;
    const provisioned = first(view.out(vertex, 'provisionedBy'));
    if (provisioned && !view.look(provisioned.target).present) return undefined;
    const users = [...view.into(vertex, 'mounts')].filter(({ source }) => source.type === 'Pod' && source.present);
    const scheduled = users.filter(
      ({ source }) => view.facets(source).fields['spec.nodeName'] !== undefined && !isFinished(source),
    );
    const waits =
      provisioned && textAt(view.object(provisioned.target), 'volumeBindingMode') === 'WaitForFirstConsumer';
    // Without a class it waits for a manually created volume.
    if (scheduled.length === 0 && (waits || !provisioned)) return undefined;
    return {
      on: vertex,
      field: 'status.phase',
      path: [...(provisioned ? [provisioned] : []), ...users.slice(0, 3)],
      affected: users.map(({ source }) => source),
      since: created,
      sentence: `${called(vertex)} waits for its volume${provisioned ? ` of the class ${provisioned.target.name}` : ''}${eventWords(vertex)}`,
    };
  },
} as const satisfies ResourceFindingRule;

/** From its last event. */
function eventWords({ annotations }: Vertex): string {
  const events = annotations?.get('events')?.text;
  if (events === undefined) return '';
  const found = /"reason":"([^"]+)"/.exec(events)?.[1];
  return found ? `: ${found}` : '';
}

export const claimLost = {
  name: 'claim-lost',
  group: 'configuration',
  class: 'broken',
  severity: 'critical',
  tier: 'storage',
  sentence:
    'A PersistentVolumeClaim has lost its volume: its phase is Lost, or it is bound to a PersistentVolume that does not exist.',
  remedy: 'Restore the data from a backup: the contents of the volume are gone.',
  link: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/',
  types: [claim],
  reads: [],
  of(vertex, view) {
    const phase = vertex.fields['status.phase'];
    const gone =
      phase === 'Bound' ? [...view.out(vertex, 'boundTo')].filter(({ target }) => view.isMissing(target)) : [];
    if (phase !== 'Lost' && gone.length === 0) return undefined;
    const users = [...view.into(vertex, 'mounts')];
    const volumes = gone.length > 0 ? gone : [...view.out(vertex, 'boundTo')];
    return {
      on: vertex,
      field: phase === 'Lost' ? 'status.phase' : 'spec.volumeName',
      path: [...volumes.slice(0, 1), ...users.slice(0, 3)],
      affected: users.map(({ source }) => source),
      sentence: `${called(vertex)} has lost its volume${volumes[0] ? ` ${volumes[0].target.name}` : ''}`,
    };
  },
} as const satisfies ResourceFindingRule;

export const claimUnused = {
  name: 'claim-unused',
  group: 'configuration',
  class: 'risk',
  severity: 'low',
  sentence:
    'A bound PersistentVolumeClaim older than a week is mounted by no Pod or template, has no owner and is the source of no other claim. Claims of StatefulSets and ephemeral volumes have an owner.',
  remedy: 'Delete it or take a snapshot: the volume costs money.',
  link: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#delete',
  types: [claim],
  reads: ['Pod', 'Deployment', 'StatefulSet', 'CronJob', 'DaemonSet', 'Job'],
  of(vertex, view) {
    if (vertex.fields['status.phase'] !== 'Bound') return undefined;
    if (some(view.into(vertex, 'mounts', 'owns', 'createdFrom', 'refersTo', 'uses'), () => true)) return undefined;
    const created = metadataOf(vertex, view)['creationTimestamp'];
    if (!view.isOverdue(created, 7 * day)) return undefined;
    return {
      on: vertex,
      field: 'metadata.name',
      path: [...view.out(vertex, 'boundTo')].slice(0, 1),
      since: created,
      sentence: `${called(vertex)} is bound${sizeWords(vertex, view)}, and no Pod or template mounts it`,
    };
  },
} as const satisfies ResourceFindingRule;

function sizeWords(vertex: Vertex, view: FindingView): string {
  const { resources } = specOf(vertex, view) as {
    readonly resources?: { readonly requests?: { readonly storage?: unknown } };
  };
  const size = resources?.requests?.storage;
  return typeof size === 'string' ? ` to ${size}` : '';
}

export const claimWhereNoNode = {
  name: 'claim-where-no-node',
  group: 'configuration',
  class: 'broken',
  severity: 'high',
  tier: 'storage',
  sentence:
    'A Pod cannot be scheduled, and the volume of a claim that it mounts is reachable only from Nodes that are gone, cordoned or not ready.',
  remedy: 'Bring up a Node where the volume is.',
  link: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#node-affinity',
  types: ['Pod'],
  reads: ['Node', 'PersistentVolume'],
  of(pod, view) {
    if (pod.fields['spec.nodeName'] !== undefined || isFinished(pod)) return undefined;
    const scheduled = conditionsOf(pod, view).get('PodScheduled');
    if (scheduled?.status !== 'False' || !view.isPast(scheduled.since, 5 * minute)) return undefined;
    for (const mounts of view.out(pod, 'mounts')) {
      for (const bound of view.out(mounts.target, 'boundTo')) {
        const nodes = nodesOf(bound.target, view);
        if (!nodes || nodes.some(({ target }) => takesPods(target, view))) continue;
        return {
          on: view.rootOf(pod),
          key: bound.target.id,
          field: 'spec.nodeAffinity',
          path: [mounts, bound, ...nodes.slice(0, 4)],
          affected: [pod],
          since: scheduled.since,
          sentence: `${called(pod)} mounts ${called(mounts.target)}, whose volume ${bound.target.name} can be reached ${nodes.length === 0 ? 'from no Node that there is' : `only from ${listed(nodes.map(({ target }) => target.name))}, which ${nodes.length === 1 ? 'takes' : 'take'} no Pods`}`,
        };
      }
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

/** Undefined if reachable from everywhere. */
export function nodesOf(volume: Vertex, view: FindingView): Edge[] | undefined {
  if (!volume.present) return undefined;
  const { nodeAffinity } = specOf(volume, view) as {
    readonly nodeAffinity?: { readonly required?: { readonly nodeSelectorTerms?: unknown } };
  };
  if (recordsOf(nodeAffinity?.required?.nodeSelectorTerms).length === 0) return undefined;
  return [...view.out(volume, 'restrictedTo')];
}

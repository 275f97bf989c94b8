// What cannot go, and what was left behind.
import { every } from '../../src/steps.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { Choice, FindingView, GraphFindingRule, ResourceFindingRule } from './finding-rule.ts';
import { isFinished } from './pod-fields.ts';
import {
  called,
  conditionsOf,
  countAt,
  day,
  first,
  kindOf,
  listed,
  metadataOf,
  minute,
  saying,
  second,
  some,
  specOf,
  stringsAt,
} from './reading.ts';

/** Finalizers of the API server and the garbage collector. */
const builtIn: { readonly [finalizer: string]: string } = {
  foregroundDeletion: 'the garbage collector, once what it owns is gone',
  orphan: 'the garbage collector',
  'kubernetes.io/pvc-protection': 'the API server, once no Pod uses it',
  'kubernetes.io/pv-protection': 'the API server, once no claim is bound to it',
  kubernetes: 'the namespace controller',
};

export const stuckTerminating = {
  name: 'stuck-terminating',
  group: 'lifecycle',
  class: 'broken',
  severity: 'high',
  tier: 'workloads',
  sentence:
    'An object is still being deleted ten minutes after its grace period. Each finalizer is listed, with the controller that should remove it. Namespaces have a finding of their own.',
  remedy: 'Bring back the controller that removes the finalizer. Removing it by hand is the last resort.',
  link: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/',
  types: ['*'],
  reads: [],
  of(vertex, view) {
    // The health of an object in deletion already says so, whatever its kind. A Pod on a dead node is Unknown.
    if (vertex.type === 'Namespace' || !isGoing(vertex)) return undefined;
    const metadata = metadataOf(vertex, view);
    const deleted = metadata['deletionTimestamp'];
    const grace = countAt(metadata, 'deletionGracePeriodSeconds') * second;
    if (typeof deleted !== 'string' || !view.isOverdue(deleted, Math.max(0, grace) + 10 * minute)) return undefined;
    const finalizers = stringsAt(metadata, 'finalizers');
    if (
      finalizers.includes('foregroundDeletion') &&
      some(view.out(vertex, 'owns', 'monitors'), ({ target }) => target.present)
    )
      return undefined;
    const users = [...view.into(vertex, 'mounts', 'boundTo', 'runs')].slice(0, 3);
    return {
      on: vertex,
      field: finalizers.length > 0 ? 'metadata.finalizers' : 'metadata.deletionTimestamp',
      path: users,
      since: deleted,
      sentence: `${called(vertex)} has been terminating since ${deleted}${finalizers.length > 0 ? `: ${listed(finalizers.map((each) => whoTakes(each)))}` : vertex.type === 'Pod' ? ': its kubelet does not say that it has ended' : ''}`,
    };
  },
} as const satisfies ResourceFindingRule;

function isGoing({ health }: Vertex): boolean {
  return (
    health?.reason === 'Terminating' || health?.reason === 'Unknown' || health?.field === 'metadata.deletionTimestamp'
  );
}

function whoTakes(finalizer: string): string {
  const by = builtIn[finalizer];
  return by ? `${finalizer} waits for ${by}` : `${finalizer} waits for the controller of ${finalizer.split('/')[0]}`;
}

export const namespaceStuck = {
  name: 'namespace-stuck',
  group: 'lifecycle',
  class: 'broken',
  severity: 'high',
  tier: 'hosts',
  sentence:
    'A Namespace has been terminating for ten minutes. The remaining objects are named, or the API that cannot be asked for them.',
  remedy: 'Restore or delete the API that is down, or finish the remaining objects.',
  link: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/',
  types: ['Namespace'],
  reads: [],
  of(namespace, view) {
    if (namespace.fields['status.phase'] !== 'Terminating') return undefined;
    const deleted = metadataOf(namespace, view)['deletionTimestamp'];
    if (!view.isOverdue(deleted, 10 * minute)) return undefined;
    const told = [...conditionsOf(namespace, view).values()].filter(
      ({ type, status }) => status === 'True' && type.startsWith('Namespace'),
    );
    const discovery = told.find(({ type }) => type === 'NamespaceDeletionDiscoveryFailure');
    const left = [...view.out(namespace, 'contains')]
      .filter(({ target }) => target.present && target.type !== 'Container')
      .slice(0, 8);
    const down = discovery ? apisDown(view) : [];
    const worst = discovery ?? told[0];
    return {
      on: namespace,
      field: worst?.field ?? 'metadata.deletionTimestamp',
      path: [...down, ...left],
      since: deleted,
      sentence: `${called(namespace)} has been terminating since ${String(deleted)}${down.length > 0 ? `: the API ${listed(down.map(({ source }) => source.name))} cannot be asked` : worst ? saying(worst.message || worst.reason) : left.length > 0 ? `: ${listed(left.map(({ target }) => called(target)))} ${left.length === 1 ? 'is' : 'are'} left` : ''}`,
    };
  },
} as const satisfies ResourceFindingRule;

function apisDown(view: FindingView): Edge[] {
  const down: Edge[] = [];
  for (const api of view.members('APIService', '')) {
    if (view.look(api).health?.state !== 'failed') continue;
    const calls = first(view.out(api, 'calls'));
    if (calls) down.push(calls);
  }
  return down.slice(0, 4);
}

/** Finished Jobs and Pods of a namespace without cleanup. */
const mostKept = 50;

export const finishedKept = {
  name: 'finished-kept',
  group: 'lifecycle',
  class: 'advice',
  severity: 'info',
  sentence:
    'A Job without an owner ended a week ago and has no time to live; or a Deployment keeps more old ReplicaSets than its revisionHistoryLimit. Exception: what CronJobs and Deployments keep within their limits.',
  remedy: 'Set ttlSecondsAfterFinished, or delete it.',
  link: 'https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/',
  types: ['Job', 'Deployment'],
  reads: [],
  of(vertex, view) {
    return vertex.type === 'Job' ? keptJob(vertex, view) : keptReplicaSets(vertex, view);
  },
} as const satisfies ResourceFindingRule;

function keptJob(job: Vertex, view: FindingView) {
  if (job.controlled || (job.health?.state !== 'done' && job.health?.state !== 'failed')) return undefined;
  if (specOf(job, view)['ttlSecondsAfterFinished'] !== undefined) return undefined;
  const ended = [...conditionsOf(job, view).values()].find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
  if (!ended || !view.isOverdue(ended.since, 7 * day)) return undefined;
  return {
    on: job,
    field: 'spec.ttlSecondsAfterFinished',
    path: [...view.out(job, 'monitors')].slice(0, 2),
    since: ended.since,
    sentence: `${called(job)} ended at ${ended.since} and is kept: nothing cleans it up`,
  };
}

function keptReplicaSets(deployment: Vertex, view: FindingView) {
  const owned = [...view.out(deployment, 'owns')].filter(
    ({ target }) => target.type === 'ReplicaSet' && target.present,
  );
  if (owned.length < fewestKept) return undefined;
  const old = owned.filter(({ target }) => view.facets(target).health?.state === 'idle');
  const limit = countAt(specOf(deployment, view), 'revisionHistoryLimit', 10);
  // The controller cleans up after a rollout: one or two may be temporary.
  if (old.length < limit + fewestKept) return undefined;
  return {
    on: deployment,
    field: 'spec.revisionHistoryLimit',
    path: old.slice(0, 4),
    affected: old.map(({ target }) => target),
    sentence: `${called(deployment)} keeps ${old.length} old ReplicaSets, and is to keep ${limit}`,
  };
}

/** So many old ReplicaSets above the limit are told. */
const fewestKept = 3;

/** Ended Pods without a controller. */
const finishedAlone: Choice = {
  name: 'finished-alone',
  types: ['Pod'],
  of: (pod) => (!pod.controlled && isFinished(pod) ? '' : undefined),
};

export const finishedPodsKept = {
  name: 'finished-pods-kept',
  group: 'lifecycle',
  class: 'advice',
  severity: 'info',
  sentence: 'A Namespace keeps more than 50 finished Pods that no controller owns.',
  remedy: 'Delete them, and run such Pods as Jobs with a time to live.',
  link: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection',
  reads: ['Pod'],
  *over(view) {
    const byNamespace = new Map<string, Vertex[]>();
    const pause = every(256);
    for (const pod of view.chosen(finishedAlone)) {
      const of = byNamespace.get(pod.namespace) ?? [];
      byNamespace.set(pod.namespace, of);
      of.push(pod);
      if (pause()) yield;
    }
    return [...byNamespace].flatMap(([name, pods]) => {
      const namespace = view.get(`Namespace:${name}`);
      if (pods.length <= mostKept || !namespace) return [];
      const sentence = `${called(namespace)} keeps ${pods.length} ${kindOf('Pod')}s that have ended and that nothing owns`;
      return { on: namespace, field: 'status.phase', affected: pods, sentence };
    });
  },
} as const satisfies GraphFindingRule;

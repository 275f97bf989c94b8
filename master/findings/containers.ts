// Pods with containers that crash, wait or are killed for memory, and unschedulable Pods.
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView, Found, ResourceFindingRule } from './finding-rule.ts';
import { type ContainerStatus, containerStatusesOf, isFinished, isNeeded } from './pod-fields.ts';
import {
  called,
  conditionsOf,
  countAt,
  counted,
  fieldsAt,
  hour,
  listed,
  metadataOf,
  minute,
  recordsOf,
  saying,
  shortened,
  specOf,
  statusOf,
  textAt,
} from './reading.ts';

/** From the workload to the Pod and its container. */
function pathTo(pod: Vertex, container: string | undefined, view: FindingView): Edge[] {
  const owners = [...view.into(pod, 'monitors', 'owns')].filter(
    ({ source }) => source.present && source.type !== 'Node',
  );
  const inside = [...view.out(pod, 'contains')].filter(({ target }) => target.name === container);
  return [...owners.slice(0, 1), ...inside.slice(0, 1)];
}

function whatWaits(pod: Vertex, root: Vertex): string {
  return pod === root ? called(pod) : `${called(root)}: Pod ${pod.name}`;
}

interface Restarts {
  readonly times: { readonly at: number; readonly count: number }[];
}

export const crashLoop = {
  name: 'crash-loop',
  group: 'workloads',
  class: 'broken',
  severity: 'high',
  tier: 'containers',
  sentence:
    'A container crashes repeatedly: the kubelet backs off from restarting it, or it restarted three times within ten minutes. Exceptions: Jobs that may still retry, and init containers with fewer than three failures.',
  remedy: 'Read the log of the container that ended last, and check what changed before.',
  link: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/',
  types: ['Pod'],
  reads: [],
  of(pod, view) {
    if (isFinished(pod) || (pod.health?.state === 'ok' && !view.remembered())) return undefined;
    for (const status of containerStatusesOf(pod, view)) {
      const waiting = fieldsAt(fieldsAt(status.fields, 'state'), 'waiting');
      const restarts = countAt(status.fields, 'restartCount');
      const loops = textAt(waiting, 'reason') === 'CrashLoopBackOff';
      if (restarts < 1 || !(loops || isFast(status, restarts, view))) continue;
      if (status.init && restarts < 3) continue;
      const root = view.rootOf(pod);
      if (root.type === 'Job' && !isExhausted(root, restarts, view)) continue;
      return crashed(pod, root, status, view);
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

/** Three more restarts within ten minutes, as far as observed. */
function isFast({ name }: ContainerStatus, count: number, view: FindingView): boolean {
  const seen = view.memory<{ readonly [name: string]: Restarts }>(() => ({})) as { [name: string]: Restarts };
  const { times } = (seen[name] ??= { times: [] });
  if (times.at(-1)?.count !== count) times.push({ at: view.now, count });
  while (times.length > 1 && (times[0]?.at ?? 0) < view.now - 10 * minute) times.shift();
  const [first] = times;
  if (!first || count - first.count < 3) return false;
  view.isPast(new Date(first.at).toISOString(), 10 * minute);
  return true;
}

function isExhausted(job: Vertex, restarts: number, view: FindingView): boolean {
  return restarts >= countAt(specOf(job, view), 'backoffLimit', 6);
}

function crashed(pod: Vertex, root: Vertex, { fields, name, path }: ContainerStatus, view: FindingView): Found {
  const last = fieldsAt(fieldsAt(fields, 'lastState'), 'terminated');
  const ended = Object.keys(last).length > 0 ? last : fieldsAt(fieldsAt(fields, 'state'), 'terminated');
  const code = ended['exitCode'];
  const reason = textAt(ended, 'reason');
  const how =
    code === undefined ? '' : ` with exit code ${String(code)}${reason && reason !== 'Error' ? ` (${reason})` : ''}`;
  return {
    on: root,
    key: name,
    field: `${path}.state`,
    path: pathTo(pod, name, view),
    affected: [pod],
    since: textAt(ended, 'finishedAt') || undefined,
    sentence: `${whatWaits(pod, root)} crashes: its container ${name} restarted ${counted(countAt(fields, 'restartCount'), 'time')}, and ended last${how}${saying(shortened(textAt(ended, 'message')))}`,
  };
}

/** How long a container may wait for such a reason. */
const patience: { readonly [reason: string]: number } = {
  ErrImagePull: 3 * minute,
  ImagePullBackOff: 3 * minute,
  ErrImageNeverPull: 3 * minute,
  InvalidImageName: 0,
  CreateContainerConfigError: 2 * minute,
  CreateContainerError: 2 * minute,
  RunContainerError: 2 * minute,
  ContainerCreating: 15 * minute,
  PodInitializing: 15 * minute,
};
const startingReasons: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

export const containerWaiting = {
  name: 'container-waiting',
  group: 'workloads',
  class: 'broken',
  severity: 'high',
  tier: 'containers',
  sentence:
    'A container cannot start: its image cannot be pulled for three minutes, its configuration is invalid for two, or its creation takes 15. If something that the Pod refers to is missing, that is the finding.',
  remedy: 'Correct the image, its pull Secret or the reference that the reason names.',
  link: 'https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff',
  types: ['Pod'],
  reads: [],
  of(pod, view) {
    if (isFinished(pod) || pod.health?.state === 'ok') return undefined;
    for (const { fields, name, path, init } of containerStatusesOf(pod, view)) {
      const waiting = fieldsAt(fieldsAt(fields, 'state'), 'waiting');
      const reason = textAt(waiting, 'reason');
      const ms = patience[reason];
      // The others wait for their init containers.
      if (ms === undefined || (reason === 'PodInitializing' && !init)) continue;
      const since = sinceOf(pod, view);
      if (!view.isPast(since, ms) || lacksSomething(pod, view)) continue;
      const root = view.rootOf(pod);
      return {
        on: root,
        key: name,
        field: `${path}.state.waiting`,
        path: pathTo(pod, name, view),
        affected: [pod],
        severity: startingReasons.has(reason) ? 'medium' : 'high',
        since,
        sentence: `${whatWaits(pod, root)} waits: its container ${name} is not started, ${reason}${saying(shortened(textAt(waiting, 'message')))}`,
      };
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

/** When its containers became unready, or its creation. */
function sinceOf(pod: Vertex, view: FindingView): string {
  const conditions = conditionsOf(pod, view);
  const said = conditions.get('ContainersReady')?.since || conditions.get('Ready')?.since;
  return said || textAt(statusOf(pod, view), 'startTime') || textAt(metadataOf(pod, view), 'creationTimestamp');
}

function lacksSomething(pod: Vertex, view: FindingView): boolean {
  for (const edge of view.lacking(pod, 'uses', 'mounts', 'runsAs'))
    if (isNeeded(edge, view) && view.isMissing(edge.target)) return true;
  return false;
}

export const oomKilled = {
  name: 'oom-killed',
  group: 'workloads',
  class: 'broken',
  severity: 'medium',
  tier: 'containers',
  sentence:
    'A container was killed within the last hour because it exceeded its memory limit. High severity from the third restart on. Exception: a Job that succeeded.',
  remedy: "Raise the limit above the container's peak usage: an average says nothing about it.",
  link: 'https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/#exceed-a-container-s-memory-limit',
  types: ['Pod'],
  reads: [],
  of(pod, view) {
    if (isFinished(pod) || !view.mentions(pod, '"OOMKilled"')) return undefined;
    for (const { fields, name, path } of containerStatusesOf(pod, view)) {
      for (const place of ['state', 'lastState'] as const) {
        const ended = fieldsAt(fieldsAt(fields, place), 'terminated');
        const at = textAt(ended, 'finishedAt');
        // Reported for an hour, then asked again.
        if (textAt(ended, 'reason') !== 'OOMKilled' || !at || !view.wasWithin(at, hour)) continue;
        const root = view.rootOf(pod);
        const restarts = countAt(fields, 'restartCount');
        return {
          on: root,
          key: name,
          field: `${path}.${place}.terminated`,
          path: pathTo(pod, name, view),
          affected: [pod],
          severity: restarts >= 3 ? 'high' : 'medium',
          since: at,
          sentence: `${whatWaits(pod, root)}: its container ${name} was killed because it exceeded its memory limit${restarts > 1 ? `, and restarted ${restarts} times` : ''}`,
        };
      }
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

export const podUnschedulable = {
  name: 'pod-unschedulable',
  group: 'workloads',
  class: 'broken',
  severity: 'high',
  tier: 'containers',
  sentence:
    'The scheduler has found no Node for a Pod for five minutes. Exceptions: Pods with a scheduling gate, and Pods of negative priority.',
  remedy: 'Make room, or change what the scheduler reports: requests, selectors, taints, volumes.',
  link: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/#my-pod-stays-pending',
  types: ['Pod'],
  reads: [],
  of(pod, view) {
    if (isFinished(pod) || pod.fields['spec.nodeName'] !== undefined) return undefined;
    const scheduled = conditionsOf(pod, view).get('PodScheduled');
    if (scheduled?.status !== 'False' || scheduled.reason === 'SchedulingGated') return undefined;
    const priority = specOf(pod, view)['priority'];
    if (typeof priority === 'number' && priority < 0) return undefined;
    const since = scheduled.since || metadataOf(pod, view)['creationTimestamp'];
    if (!view.isPast(since, 5 * minute)) return undefined;
    const root = view.rootOf(pod);
    const reasons = reasonsIn(scheduled.message);
    return {
      on: root,
      field: scheduled.field,
      path: [...pathTo(pod, undefined, view), ...pendingClaims(pod, view)],
      affected: [pod],
      since,
      sentence: `${whatWaits(pod, root)} cannot be scheduled${reasons.length > 0 ? `: ${listed(reasons, 6)}` : ''}`,
    };
  },
} as const satisfies ResourceFindingRule;

function pendingClaims(pod: Vertex, view: FindingView): Edge[] {
  return [...view.out(pod, 'mounts')]
    .filter(({ target }) => view.look(target).fields['status.phase'] === 'Pending')
    .slice(0, 2);
}

/** Splits the scheduler's message: `0/3 nodes are available: 1 Insufficient cpu, 2 …. preemption: …`. */
export function reasonsIn(message: string): string[] {
  const said = /nodes are available: (.*?)(?:\. preemption:|\.$|$)/.exec(message)?.[1] ?? message;
  return said
    .split(/, (?=\d+ )/)
    .map((each) => each.trim().replace(/\.$/, ''))
    .filter((each) => each !== '');
}

export const podFailed = {
  name: 'pod-failed',
  group: 'workloads',
  class: 'broken',
  severity: 'medium',
  tier: 'containers',
  sentence:
    'A Pod outside of Jobs failed 15 minutes ago. Exception: one that was evicted or shut down with its Node and whose owner creates another.',
  remedy: 'Read why it ended, then delete the Pod or give it a controller.',
  link: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase',
  types: ['Pod'],
  reads: [],
  of(pod, view) {
    if (pod.fields['status.phase'] !== 'Failed') return undefined;
    const root = view.rootOf(pod);
    if (root.type === 'Job' || root.type === 'CronJob') return undefined;
    const status = statusOf(pod, view);
    const reason = textAt(status, 'reason');
    // Its owner has replaced it: the rest does no harm.
    if (pod.controlled && ['Evicted', 'NodeShutdown', 'Terminated', 'NodeAffinity', 'Shutdown'].includes(reason))
      return undefined;
    const ends = recordsOf(status['containerStatuses']).map(({ item }) =>
      fieldsAt(fieldsAt(item, 'state'), 'terminated'),
    );
    const since =
      ends
        .map((end) => textAt(end, 'finishedAt'))
        .sort()
        .at(-1) || metadataOf(pod, view)['creationTimestamp'];
    if (!view.isPast(since, 15 * minute)) return undefined;
    const codes = ends.flatMap((end) => (typeof end['exitCode'] === 'number' ? [`exit code ${end['exitCode']}`] : []));
    const why = [reason, ...codes].filter((each) => each !== '');
    return {
      on: root,
      key: pod.id,
      field: 'status.phase',
      path: pathTo(pod, undefined, view),
      affected: [pod],
      since,
      sentence: `${whatWaits(pod, root)} has failed${why.length > 0 ? `: ${listed(why)}` : ''}${saying(shortened(textAt(status, 'message')))}`,
    };
  },
} as const satisfies ResourceFindingRule;

// Workloads without their wanted Pods, and Jobs that fail.
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView, ResourceFindingRule } from './finding-rule.ts';
import { isReady, podsOf, wantedOf } from './pod-fields.ts';
import {
  called,
  conditionsOf,
  countAt,
  day,
  first,
  hour,
  listed,
  metadataOf,
  minute,
  saying,
  second,
  some,
  specOf,
  statusOf,
  textAt,
} from './reading.ts';

export const quotaBlocksRollout = {
  name: 'quota-blocks-rollout',
  group: 'workloads',
  class: 'broken',
  severity: 'high',
  tier: 'references',
  sentence: 'A workload cannot create its Pods because a ResourceQuota or LimitRange in its Namespace refuses them.',
  remedy: 'Raise the quota, or lower the requests of the Pods.',
  link: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
  types: ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ReplicationController', 'Job'],
  reads: [],
  of(workload, view) {
    if (isFine(workload) || !view.mentions(workload, '"ReplicaFailure"')) return undefined;
    const failure = conditionsOf(workload, view).get('ReplicaFailure');
    if (failure?.status !== 'True') return undefined;
    const name = /exceeded quota: ([^,\s]+)/.exec(failure.message)?.[1];
    if (name === undefined && !/quota|limit|LimitRange|maximum|minimum/i.test(failure.message)) return undefined;
    const namespace = view.get(`Namespace:${workload.namespace}`);
    const limits = namespace ? [...view.into(namespace, 'limits')] : [];
    const named = limits.filter(({ source }) => name === undefined || source.name === name);
    const root = view.rootOf(workload);
    const down = [...view.into(workload, 'owns')].slice(0, 1);
    const held: Edge[] = namespace
      ? [...view.into(workload, 'contains')].filter(({ source }) => source === namespace)
      : [];
    return {
      on: root,
      field: failure.field,
      path: [...down, ...held.slice(0, 1), ...named.slice(0, 2)],
      since: failure.since,
      sentence: `${called(root)} cannot make its Pods${name ? `: the quota ${name} of ${workload.namespace} is used up` : saying(failure.message)}`,
    };
  },
} as const satisfies ResourceFindingRule;

/** It has all wanted Pods, which may be none. */
function isFine({ health }: Vertex): boolean {
  return health?.state === 'ok' || health?.state === 'done' || health?.state === 'idle';
}

export const workloadNotAvailable = {
  name: 'workload-not-available',
  group: 'workloads',
  class: 'broken',
  severity: 'high',
  tier: 'workloads',
  sentence:
    'A workload has had fewer available Pods than it wants for 15 minutes, without progress for ten. If its Pods, their Node or a reference has a finding, that explains it.',
  remedy: 'Open the Pods that are not ready: their own finding is the cause.',
  link: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment',
  types: ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController'],
  reads: [],
  of(workload, view) {
    // By its own status: causes such as a missing ConfigMap have findings of their own.
    const health = workload.ownHealth;
    if (health?.state !== 'degraded' && health?.state !== 'failed') return undefined;
    // An owner reports it.
    if (
      some(
        view.into(workload, 'owns'),
        ({ source }) => source.present && source.type !== 'Node' && source.health !== undefined,
      )
    )
      return undefined;
    const status = statusOf(workload, view);
    const wanted =
      workload.type === 'DaemonSet' ? countAt(status, 'desiredNumberScheduled') : (wantedOf(workload, view) ?? 0);
    const available = countAt(
      status,
      workload.type === 'DaemonSet' ? 'numberAvailable' : 'availableReplicas',
      countAt(status, workload.type === 'DaemonSet' ? 'numberReady' : 'readyReplicas'),
    );
    if (available >= wanted) return undefined;
    const pods = podsOf(workload, view);
    const waiting = pods.filter((pod) => !isReady(pod, view));
    const since = sinceOf(workload, waiting, view);
    if (since !== undefined && !view.isPast(since, 15 * minute)) return undefined;
    return {
      on: workload,
      field: workload.type === 'DaemonSet' ? 'status.numberAvailable' : 'status.availableReplicas',
      path: pathsTo(workload, waiting, view),
      affected: waiting,
      since,
      severity: available === 0 ? 'critical' : 'high',
      sentence: `${called(workload)} has ${available} of ${wanted} Pods available${waiting.length > 0 ? `: ${listed(waiting.map(({ name }) => name))} ${waiting.length === 1 ? 'is' : 'are'} not ready` : ''}`,
    };
  },
} as const satisfies ResourceFindingRule;

/** Since when Pods are missing: when the last one became unready, or its own condition. Undefined if unknown. */
function sinceOf(workload: Vertex, waiting: readonly Vertex[], view: FindingView): string | undefined {
  const own = conditionsOf(workload, view);
  const times = waiting.slice(0, 50).flatMap((pod) => conditionsOf(pod, view).get('Ready')?.since || []);
  const progress = own.get('Progressing');
  const said = own.get('Available')?.status === 'False' ? own.get('Available')?.since : undefined;
  const all = [
    ...(said ? [said] : []),
    ...(progress?.status === 'True' && progress.reason === 'ReplicaSetUpdated' ? [progress.since] : []),
  ];
  return (
    [...all, ...(all.length === 0 ? times.sort().slice(0, 1) : [])]
      .filter((each) => each)
      .sort()
      .at(-1) ??
    textAt(metadataOf(workload, view), 'creationTimestamp') ??
    undefined
  );
}

/** The relations that connect it with its Pods. */
function pathsTo(workload: Vertex, pods: readonly Vertex[], view: FindingView): Edge[] {
  return pods.slice(0, 4).flatMap((pod) => {
    const up: Edge[] = [];
    for (let at = pod; at !== workload && up.length < 4; ) {
      const next = first([...view.into(at, 'monitors', 'owns')].filter(({ source }) => source.present));
      if (!next) break;
      up.unshift(next);
      at = next.source;
    }
    return up;
  });
}

export const rolloutStuck = {
  name: 'rollout-stuck',
  group: 'workloads',
  class: 'broken',
  severity: 'high',
  tier: 'workloads',
  sentence: 'A Deployment has not finished its rollout within its progress deadline. Exception: a paused Deployment.',
  remedy: 'Fix what holds up the new Pods, or undo the rollout.',
  link: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#progress-deadline-seconds',
  types: ['Deployment'],
  reads: [],
  of(workload, view) {
    const { health } = workload;
    if (health?.state !== 'degraded' && health?.state !== 'failed') return undefined;
    const progress = conditionsOf(workload, view).get('Progressing');
    if (progress?.status !== 'False' || specOf(workload, view)['paused'] === true) return undefined;
    if (progress.reason !== 'ProgressDeadlineExceeded') return undefined;
    const waiting = podsOf(workload, view).filter((pod) => !isReady(pod, view));
    return {
      on: workload,
      field: progress.field,
      path: pathsTo(workload, waiting, view),
      affected: waiting,
      since: progress.since,
      sentence: `The rollout of ${called(workload)} is stuck${saying(progress.message)}`,
    };
  },
} as const satisfies ResourceFindingRule;

export const jobFailed = {
  name: 'job-failed',
  group: 'workloads',
  class: 'broken',
  severity: 'medium',
  tier: 'workloads',
  sentence: 'A Job has failed, and no later Job of the same CronJob has succeeded.',
  remedy: 'Read the log of its last Pod, fix the cause and run it again.',
  link: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup',
  types: ['Job'],
  reads: [],
  of(job, view) {
    if (job.health?.state !== 'failed') return undefined;
    const failed = conditionsOf(job, view).get('Failed');
    if (failed?.status !== 'True') return undefined;
    const above = first(
      [...view.into(job, 'owns')].filter(({ source }) => source.type === 'CronJob' && source.present),
    );
    if (above && hasLaterSuccess(above.source, failed.since, view)) return undefined;
    const pods = [...view.out(job, 'monitors')];
    return {
      on: above?.source ?? job,
      key: above ? 'job' : '',
      field: 'status.conditions',
      path: [...(above ? [above] : []), ...pods.slice(-1)],
      affected: [job],
      since: failed.since,
      sentence: `${called(job)} has failed: ${failed.reason}${saying(failed.message)}`,
    };
  },
} as const satisfies ResourceFindingRule;

function hasLaterSuccess(cronJob: Vertex, since: string, view: FindingView): boolean {
  if (textAt(statusOf(cronJob, view), 'lastSuccessfulTime') > since) return true;
  return some(view.out(cronJob, 'owns'), ({ target }) => {
    const done = target.type === 'Job' ? conditionsOf(target, view).get('Complete') : undefined;
    return done?.status === 'True' && done.since > since;
  });
}

export const cronJobNotRunning = {
  name: 'cronjob-not-running',
  group: 'workloads',
  class: 'broken',
  severity: 'medium',
  tier: 'workloads',
  sentence:
    'A CronJob has missed two runs and the deadline after them. Exceptions: one that is suspended, or younger than its period.',
  remedy: 'Check its schedule, its deadline and whether an earlier run is still going on.',
  link: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#cron-job-limitations',
  types: ['CronJob'],
  reads: [],
  of(cronJob, view) {
    const spec = specOf(cronJob, view);
    const period = periodOf(textAt(spec, 'schedule'));
    if (spec['suspend'] === true || period === undefined) return undefined;
    const status = statusOf(cronJob, view);
    const last = textAt(status, 'lastScheduleTime') || textAt(metadataOf(cronJob, view), 'creationTimestamp');
    const late = 2 * period + countAt(spec, 'startingDeadlineSeconds') * second + 5 * minute;
    if (!view.isOverdue(last, late)) return undefined;
    const running = Array.isArray(status['active']) && status['active'].length > 0;
    return {
      on: cronJob,
      field: 'status.lastScheduleTime',
      path: [...view.out(cronJob, 'owns')].slice(-1),
      since: last,
      sentence: `${called(cronJob)} is due ${wordsOf(period)} and has not run since ${last}${running && spec['concurrencyPolicy'] === 'Forbid' ? ': its last run still goes on, and forbids others' : ''}`,
    };
  },
} as const satisfies ResourceFindingRule;

/**
 * The longest interval of a cron schedule with five fields, in milliseconds; undefined if not obvious.
 * https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
export function periodOf(schedule: string): number | undefined {
  const named: { readonly [name: string]: number } = {
    '@hourly': hour,
    '@daily': day,
    '@midnight': day,
    '@weekly': 7 * day,
    '@monthly': 31 * day,
    '@yearly': 366 * day,
    '@annually': 366 * day,
  };
  const text = schedule.replace(/^(CRON_)?TZ=\S+\s+/, '').trim();
  const every = /^@every (\d+)(s|m|h)$/.exec(text);
  if (every) return Number(every[1]) * { s: second, m: minute, h: hour }[every[2] as 's' | 'm' | 'h'];
  if (named[text] !== undefined) return named[text];
  const fields = text.split(/\s+/);
  if (fields.length !== 5) return undefined;
  const [minutes = '*', hours = '*', days = '*', months = '*', weekdays = '*'] = fields;
  const isAny = (field: string) => field === '*' || field === '?';
  if (!isAny(months)) return (days === '29' && /^(?:0?2|feb)$/i.test(months) ? 4 : 1) * 366 * day;
  if (!isAny(days) && !isAny(weekdays)) return 7 * day;
  if (!isAny(days)) return 31 * day;
  if (!isAny(weekdays)) return 7 * day;
  if (!isAny(hours)) return Math.min(day, stepOf(hours, 24) * hour);
  return isAny(minutes) ? minute : stepOf(minutes, 60) * minute;
}

/** The largest gap of a field: double for a step, because it restarts with each turn; one turn for lists and ranges. */
function stepOf(field: string, turn: number): number {
  const step = /^(?:\*|0)\/(\d+)$/.exec(field)?.[1];
  return step === undefined ? turn : Math.min(turn, Math.max(1, Number(step)) * 2);
}

function wordsOf(ms: number): string {
  const [size, unit] = ms < hour ? [minute, 'minute'] : ms < day ? [hour, 'hour'] : [day, 'day'];
  const count = Math.max(1, Math.round(ms / size));
  return count === 1 ? `every ${unit} at least` : `every ${count} ${unit}s at least`;
}

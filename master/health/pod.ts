// Health of a Pod, in kubectl's words.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule, HealthState } from './health.ts';
import { lostReadiness, type PodStatus, podStatus, startingWords, stateOf } from './pod-status.ts';
import { conditionsOf, health, isDeleted, recordsOf, statusOf, textAt } from './read.ts';

export const pod = {
  types: ['Pod'],
  fields: [
    'status.phase',
    'status.reason',
    'status.conditions[]',
    'status.initContainerStatuses[]',
    'status.containerStatuses[]',
    'metadata.deletionTimestamp',
  ],
  sentence:
    'The words are those of `kubectl get pods`. Ok when it runs and is ready; failed when a container cannot start, crashes or ' +
    'ended with an error, and when no node takes the Pod; degraded when it was ready and is no longer; done when all ended well.',
  deletion: true,
  of: podHealth,
} as const satisfies HealthRule;

function podHealth(object: KubernetesObject): Health | undefined {
  const phase = textAt(statusOf(object), 'phase');
  const status = podStatus(object);
  if (!status.word) return undefined;
  const ready = `${status.ready}/${status.total}`;
  const { state, field = status.field } = verdict(object, phase, status);
  return health(state, status.word, field, ready);
}

interface Verdict {
  readonly state: HealthState;
  readonly field?: string | undefined;
}

function verdict(object: KubernetesObject, phase: string, { word, initializing }: PodStatus): Verdict {
  if (word === 'Unknown' || word === 'NodeLost' || phase === 'Unknown') return { state: 'unknown' };
  if (phase === 'Succeeded') return { state: 'done' };
  if (phase === 'Failed') return { state: 'failed' };
  if (isDeleted(object)) return { state: 'progressing' };
  if (word === phase) return phase === 'Running' ? readiness(object) : pending(object);
  if (word === 'Running' || word === 'NotReady') return readiness(object);
  if (word === 'SchedulingGated' || word === 'Completed' || startingWords.has(word)) return { state: 'progressing' };
  if (/^Init:\d+\/\d+$/.test(word)) return initializing ? { state: 'progressing' } : readiness(object);
  return { state: 'failed' };
}

/** Unschedulable, or on its way. */
function pending(object: KubernetesObject): Verdict {
  const scheduled = conditionsOf(object).get('PodScheduled');
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return { state: 'progressing' };
  return { state: 'failed', field: scheduled.field };
}

function readiness(object: KubernetesObject): Verdict {
  const ready = conditionsOf(object).get('Ready');
  if (!ready || ready.status === 'True') return { state: 'ok' };
  const isLost = lostReadiness(ready.since, lastStart(object));
  return { state: isLost ? 'degraded' : 'progressing', field: ready.field };
}

function lastStart(object: KubernetesObject): string {
  let last = '';
  for (const { item } of recordsOf(statusOf(object)['containerStatuses'])) {
    const { running } = stateOf(item);
    const at = running ? textAt(running, 'startedAt') : '';
    if (at > last) last = at;
  }
  return last;
}

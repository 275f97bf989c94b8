// Whether a condition of an unknown kind is good or bad when true: judged by name, the only sign in the API.
// https://github.com/kubernetes/community/blob/main/contributors/devel/sig-architecture/api-conventions.md

import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthState } from './health.ts';
import { behind, byCondition, type Condition, isBehind } from './read.ts';

/** Good when true, in order of precedence for the whole. */
const good = [
  'Ready',
  'Available',
  'Healthy',
  'Succeeded',
  'Complete',
  'Completed',
  'Accepted',
  'Programmed',
  'Synced',
  'Reconciled',
  'Established',
  'Initialized',
  'Valid',
  'Installed',
  'Deployed',
  'Running',
] as const;
const ends: ReadonlySet<string> = new Set(['Succeeded', 'Complete', 'Completed']);

const failing = /^(Stalled|Failed|Invalid|Denied)$|(Failed|Failure|Error|ErrorOccurred|Invalid(Request)?|Unsupported)$/;
const hindering =
  /^(Degraded|Unhealthy|Unavailable|Conflict(ed)?|Dangling|OutOfSync|Blocked|NotReady|NonStructuralSchema|NoPodsMatched)$|(Pressure|Deadlock|Unavailable|Unhealthy|Degraded|ReadonlyFilesystem)$/;
const moving =
  /^(Reconciling|Progressing|Updating|Upgrading|Installing|Creating|Deleting|Issuing|Pending|Scaling|Provisioning|Deploying|Initializing|FetchingHistory)$/;
const resting = /^(Suspended|Paused|Hibernat(ed|ion))$/;

export type Polarity = 'good' | 'failing' | 'hindering' | 'moving' | 'resting' | undefined;

/** Undefined if the name tells nothing. */
export function polarityOf(type: string): Polarity {
  if ((good as readonly string[]).includes(type)) return 'good';
  if (failing.test(type)) return 'failing';
  if (hindering.test(type)) return 'hindering';
  if (moving.test(type)) return 'moving';
  if (resting.test(type)) return 'resting';
  return undefined;
}

const failureWords =
  /fail|error|invalid|denied|refused|forbidden|unauthor|notfound|missing|exceeded|timeout|timedout|backoff|rejected|conflict|unsupported|lost|crash/i;
const motionWords =
  /progress|pending|creat|provision|initiali|wait|issuing|reconcil|installing|updating|upgrading|scaling|starting|deploying|building|pulling|syncing|scheduling|verifying|inprocess|doesnotexist/i;

/**
 * The meaning of a good condition that is not true. A controller at work tells so in the reason or by status `Unknown`, as
 * in the conventions.
 */
export function shortfall({ status, reason }: Pick<Condition, 'status' | 'reason'>): HealthState {
  if (failureWords.test(reason)) return 'failed';
  if (status === 'Unknown' || motionWords.test(reason)) return 'progressing';
  return 'degraded';
}

/** From conditions only, for any kind; undefined if none tells anything. */
export function byConditions(object: KubernetesObject, conditions: ReadonlyMap<string, Condition>): Health | undefined {
  const isTrue = (polarity: Polarity) =>
    conditions.values().find(({ type, status }) => status === 'True' && polarityOf(type) === polarity);
  const failed = isTrue('failing');
  if (failed) return byCondition('failed', failed);
  if (isBehind(object)) return behind;
  const leading = good.flatMap((type) => conditions.get(type) ?? []);
  const stale = leading.find(({ old }) => old);
  if (stale) return { ...behind, field: `${stale.field}.observedGeneration` };
  const lacking = leading.find(({ status }) => status !== 'True');
  const moves = isTrue('moving');
  const first = leading[0];
  if (moves && !(first?.status === 'True' && !lacking)) {
    const state = lacking ? shortfall(lacking) : 'progressing';
    return state === 'failed' && lacking ? byCondition('failed', lacking) : byCondition('progressing', moves);
  }
  const hindered = isTrue('hindering');
  const rests = isTrue('resting');
  if (lacking) {
    if (rests) return byCondition('idle', rests);
    return byCondition(lackState(lacking, first === lacking), lacking);
  }
  if (hindered) return byCondition('degraded', hindered);
  if (rests) return byCondition('idle', rests);
  if (!first) return undefined;
  const end = leading.find(({ type }) => ends.has(type));
  return end && !conditions.has('Ready')
    ? byCondition('done', end)
    : { ...byCondition('ok', first), reason: first.type };
}

/** Some operators put a state in place of true or false. */
function lackState(lacking: Condition, speaksForAll: boolean): HealthState {
  if (lacking.status === 'Degraded') return 'degraded';
  const state = shortfall(lacking);
  return state === 'failed' && !speaksForAll ? 'degraded' : state;
}

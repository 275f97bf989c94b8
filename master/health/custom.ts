// Health of objects without a rule of their own, custom resources above all: from conditions as in kstatus
// (https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus), otherwise from the phase.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule, HealthState } from './health.ts';
import { byConditions } from './polarity.ts';
import { behind, conditionsOf, health, isBehind, specOf, statusOf, textAt } from './read.ts';

export const custom = {
  types: ['*'],
  fields: ['status.conditions[]', 'status.observedGeneration', 'status.phase', 'status.state', 'spec.suspend'],
  sentence:
    'By its conditions: Ready, Available, Healthy, Synced and their like are to be true; Stalled, Failed, Degraded and their like ' +
    'are not; Reconciling and its like are progress, and so is a generation that its controller has not seen. Without ' +
    'conditions by the phase, where it is a word that says one thing.',
  of: customHealth,
} as const satisfies HealthRule;

const phases: { readonly [state in HealthState]?: RegExp } = {
  ok: /^(ready|running|active|bound|healthy|available|online|deployed|established|synced|provisioned|ok)$/i,
  done: /^(succeeded|completed?|finished|done)$/i,
  failed: /^(failed|failure|error|errored|crashed|lost|invalid|rejected|down)$/i,
  degraded: /^(degraded|unhealthy|notready|not ready|warning|partial(ly ?failed)?)$/i,
  progressing:
    /^(pending|creating|provisioning|progressing|updating|upgrading|initializing|installing|deploying|starting|reconciling|deleting|terminating|scaling|inprogress|in progress)$/i,
  idle: /^(suspended|paused|stopped|hibernated|idle|disabled)$/i,
  unknown: /^unknown$/i,
};

function customHealth(object: KubernetesObject): Health | undefined {
  if (specOf(object)['suspend'] === true) return health('idle', 'Suspended', 'spec.suspend');
  const said = byConditions(object, conditionsOf(object)) ?? byPhase(object);
  if (said) return said;
  return isBehind(object) ? behind : undefined;
}

function byPhase(object: KubernetesObject): Health | undefined {
  const status = statusOf(object);
  for (const name of ['phase', 'state']) {
    const word = textAt(status, name);
    const state = Object.entries(phases).find(([, pattern]) => word.length < 40 && pattern.test(word))?.[0];
    if (!state) continue;
    return isBehind(object) ? behind : health(state as HealthState, word, `status.${name}`);
  }
  return undefined;
}

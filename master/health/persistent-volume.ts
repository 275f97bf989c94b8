// Health of a PersistentVolume, in the words of `kubectl get pv`.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule, HealthState } from './health.ts';
import { health, statusOf, textAt } from './read.ts';

export const persistentVolume = {
  types: ['PersistentVolume'],
  fields: ['status.phase'],
  sentence: 'Ok when it is bound; idle when it is unclaimed or released; failed when it could not be reclaimed.',
  of: volumeHealth,
} as const satisfies HealthRule;

const states: { readonly [phase: string]: HealthState } = {
  Bound: 'ok',
  Available: 'idle',
  Released: 'idle',
  Pending: 'progressing',
  Failed: 'failed',
};

function volumeHealth(object: KubernetesObject): Health | undefined {
  const phase = textAt(statusOf(object), 'phase');
  if (!phase) return undefined;
  return health(Object.hasOwn(states, phase) ? (states[phase] ?? 'unknown') : 'unknown', phase, 'status.phase');
}

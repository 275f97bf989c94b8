// Health of an Argo CD Application, as reported by Argo CD. https://argo-cd.readthedocs.io/en/stable/operator-manual/health
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule, HealthState } from './health.ts';
import { fieldsAt, health, recordsOf, statusOf, textAt } from './read.ts';

export const argoApplication = {
  types: ['Application.argoproj.io'],
  fields: ['status.health.status', 'status.sync.status', 'status.operationState.phase', 'status.conditions[]'],
  sentence:
    'As Argo CD says; and degraded when its last sync failed, when it cannot be compared, or when the cluster differs from its source.',
  of: applicationHealth,
} as const satisfies HealthRule;

const states: ReadonlyMap<string, HealthState> = new Map([
  ['Healthy', 'ok'],
  ['Progressing', 'progressing'],
  ['Degraded', 'degraded'],
  ['Suspended', 'idle'],
  ['Missing', 'failed'],
  ['Unknown', 'unknown'],
]);

function applicationHealth(object: KubernetesObject): Health | undefined {
  const status = statusOf(object);
  const word = textAt(fieldsAt(status, 'health'), 'status');
  const state = states.get(word);
  if (state && state !== 'ok') return health(state, word, 'status.health.status');
  return trouble(status) ?? (state ? health(state, word, 'status.health.status') : undefined);
}

function trouble(status: ReturnType<typeof statusOf>): Health | undefined {
  const error = recordsOf(status['conditions']).find(({ item }) => textAt(item, 'type').endsWith('Error'));
  if (error) return health('degraded', textAt(error.item, 'type'), `status.conditions[${error.at}]`);
  const phase = textAt(fieldsAt(status, 'operationState'), 'phase');
  if (phase === 'Failed' || phase === 'Error') return health('degraded', `Sync${phase}`, 'status.operationState.phase');
  const sync = textAt(fieldsAt(status, 'sync'), 'status');
  return sync === 'OutOfSync' ? health('degraded', sync, 'status.sync.status') : undefined;
}

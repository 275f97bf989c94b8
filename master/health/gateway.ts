// Health of a Gateway or ListenerSet: whether a controller accepted it, and each listener.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { shortfall } from './polarity.ts';
import { byCondition, type Condition, conditionsOf, health, recordsOf, statusOf } from './read.ts';

export const gateway = {
  types: [
    'Gateway.gateway.networking.k8s.io',
    'ListenerSet.gateway.networking.k8s.io',
    'GatewayClass.gateway.networking.k8s.io',
  ],
  fields: ['status.conditions[]', 'status.listeners[].conditions[]'],
  sentence:
    'Ok when it is accepted and programmed, every listener too; progressing until a controller has spoken; degraded when a listener is ' +
    'not as wanted; failed when it is not accepted.',
  of: gatewayHealth,
} as const satisfies HealthRule;

function gatewayHealth(object: KubernetesObject): Health {
  const conditions = conditionsOf(object);
  const accepted = conditions.get('Accepted') ?? conditions.get('Scheduled');
  const programmed = conditions.get('Programmed') ?? conditions.get('Ready');
  if (!accepted && !programmed) return health('progressing', 'Pending', 'status.conditions');
  const waiting = [accepted, programmed].find((each) => each?.old || isPending(each));
  if (waiting) return byCondition('progressing', waiting);
  if (accepted?.status === 'False') return byCondition('failed', accepted);
  const flaw = flawedListener(object);
  if (flaw) return byCondition('degraded', flaw);
  if (programmed && programmed.status !== 'True') return byCondition(shortfall(programmed), programmed);
  const main = programmed ?? accepted;
  return health('ok', main?.type ?? 'Accepted', main?.field ?? 'status.conditions');
}

/** As created, before any controller saw it. */
function isPending(condition: Condition | undefined): boolean {
  return condition !== undefined && condition.status !== 'True' && /^(Pending|Waiting)$/.test(condition.reason);
}

function flawedListener(object: KubernetesObject): Condition | undefined {
  for (const { at, item } of recordsOf(statusOf(object)['listeners'])) {
    for (const condition of conditionsOf(object, item, `status.listeners[${at}]`).values()) {
      const isWanted = /^(Accepted|Programmed|ResolvedRefs|Ready)$/.test(condition.type);
      if (condition.status === (isWanted ? 'False' : 'True') && (isWanted || condition.type === 'Conflicted'))
        return condition;
    }
  }
  return undefined;
}

// Health of objects whose Service the API server calls: webhooks, aggregated APIs, conversions.
import type { Vertex } from '../../graph/model/vertex.ts';
import type { Health } from '../health.ts';
import { interned } from '../interned.ts';
import type { DerivedRule, Surroundings } from './derived-rule.ts';
import { edgesOver, fieldOf, kindOf, owed, worse } from './worse.ts';

export const calledServices = {
  name: 'called-services',
  types: ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration', 'APIService', 'CustomResourceDefinition'],
  over: ['calls'],
  reads: ['Service'],
  restsOnKinds: [],
  sentence:
    'A webhook configuration, an APIService or a conversion fails when the Service that the API server calls for it does not exist or ' +
    'has no ready endpoint. A webhook configuration whose Services are well is ok.',
  of: callsHealth,
} as const satisfies DerivedRule;

function callsHealth(vertex: Vertex, before: Health | undefined, around: Surroundings): Health | undefined {
  let well: Health | undefined;
  let isWell = true;
  for (const edge of edgesOver(vertex, 'calls')) {
    const { target } = edge;
    if (!target.present) {
      if (around.standingOf(target) === 'missing')
        return worse(before, owed('failed', `${kindOf(target.type)}Missing`, edge, around));
      isWell = false;
      continue;
    }
    const reason = target.health?.reason;
    if (reason === 'NoReadyEndpoints' || reason === 'NoEndpoints')
      return worse(before, owed('failed', reason, edge, around));
    if (target.health?.state !== 'ok') isWell = false;
    well ??= { state: 'ok', reason: 'ServicesReady', field: fieldOf(edge, around) };
  }
  return before || !isWell ? undefined : well && interned(well);
}

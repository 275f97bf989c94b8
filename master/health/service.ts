// Own health of a Service: whether its load balancer exists. Endpoints are judged in derived/.
import { isFilled, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { byCondition, conditionsOf, fieldsAt, health, specOf, statusOf } from './read.ts';

export const service = {
  types: ['Service'],
  fields: ['spec.type', 'status.loadBalancer.ingress', 'status.conditions[]'],
  sentence:
    'By itself one with a selector is unknown: its Pods tell. One of type LoadBalancer is progressing until it has an address, and degraded when its ports are refused.',
  of: serviceHealth,
} as const satisfies HealthRule;

/** The Service alone does not tell: see derived/service-endpoints.ts. */
const endpoints: Health = { state: 'unknown', reason: 'EndpointsUnknown', field: 'spec.selector' };

function serviceHealth(object: KubernetesObject): Health | undefined {
  if (object['status'] === undefined) return undefined;
  const spec = specOf(object);
  if (spec['type'] !== 'LoadBalancer')
    return spec['type'] === 'ExternalName' || !isFilled(spec['selector']) ? undefined : endpoints;
  const refused = conditionsOf(object).get('LoadBalancerPortsError');
  if (refused?.status === 'True') return byCondition('degraded', refused);
  const ingress = fieldsAt(statusOf(object), 'loadBalancer')['ingress'];
  if (itemsOf(ingress as readonly unknown[] | undefined).length > 0)
    return health('ok', 'Balanced', 'status.loadBalancer.ingress');
  return health('progressing', 'Pending', 'status.loadBalancer');
}

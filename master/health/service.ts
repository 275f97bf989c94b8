// How a Service fares by its own word: whether its load balancer was made. Its endpoints are others' word: see derived.ts.
import { itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { byCondition, conditionsOf, fieldsAt, health, specOf, statusOf } from './read.ts';

export const service = {
  types: ['Service'],
  fields: ['spec.type', 'status.loadBalancer.ingress', 'status.conditions[]'],
  sentence: 'One of type LoadBalancer is progressing until it has an address, and degraded when its ports are refused.',
  of: serviceHealth,
} as const satisfies HealthRule;

function serviceHealth(object: KubernetesObject): Health | undefined {
  if (specOf(object)['type'] !== 'LoadBalancer') return undefined;
  const refused = conditionsOf(object).get('LoadBalancerPortsError');
  if (refused?.status === 'True') return byCondition('degraded', refused);
  const ingress = fieldsAt(statusOf(object), 'loadBalancer')['ingress'];
  if (itemsOf(ingress as readonly unknown[] | undefined).length > 0)
    return health('ok', 'Balanced', 'status.loadBalancer.ingress');
  return health('progressing', 'Pending', 'status.loadBalancer');
}

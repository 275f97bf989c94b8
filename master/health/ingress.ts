// Own health of an Ingress: whether a controller gave it an address.
import { itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { fieldsAt, health, statusOf } from './read.ts';

export const ingress = {
  types: ['Ingress'],
  fields: ['status.loadBalancer.ingress'],
  sentence: 'Ok when it has an address; progressing until then.',
  of: ingressHealth,
} as const satisfies HealthRule;

function ingressHealth(object: KubernetesObject): Health | undefined {
  if (object['status'] === undefined) return undefined;
  const addresses = fieldsAt(statusOf(object), 'loadBalancer')['ingress'];
  if (itemsOf(addresses as readonly unknown[] | undefined).length > 0)
    return health('ok', 'Served', 'status.loadBalancer.ingress');
  return health('progressing', 'NoAddress', 'status.loadBalancer');
}

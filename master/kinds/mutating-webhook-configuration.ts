// MutatingWebhookConfiguration of the admissionregistration.k8s.io group: how it is found, read and reduced.

import { fieldsOf, listOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Kind } from './kind.ts';
import { cutBundle } from './reduce.ts';

export const mutatingWebhookConfiguration = {
  kind: 'MutatingWebhookConfiguration',
  group: 'admissionregistration.k8s.io',
  versions: ['v1'],
  plural: 'mutatingwebhookconfigurations',
  namespaced: false,
  reduce: reduceWebhooks,
} as const satisfies Kind;

/** A CA bundle is kept as its size: certificates rotate, and kilobytes of them say nothing of the graph. */
function reduceWebhooks(object: KubernetesObject): KubernetesObject {
  for (const webhook of listOf(object.webhooks)) cutBundle(fieldsOf(webhook)?.clientConfig);
  return object;
}

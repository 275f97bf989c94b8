// The Services that the API server calls: admission webhooks, aggregated APIs, conversions of custom resources.
import { isName, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Reference, Rule } from './relation.ts';

interface ServiceRef {
  readonly namespace?: unknown;
  readonly name?: unknown;
}

interface ClientConfig {
  readonly service?: ServiceRef | null;
}

type Refer = (reference: Reference) => void;

/** The namespace is the reference's own: a Service of that name elsewhere is another one. */
function pointAt(service: ServiceRef | null | undefined, field: string, refer: Refer): void {
  if (!isName(service?.name) || !isName(service.namespace)) return;
  refer({ target: { by: 'name', type: 'Service', namespace: service.namespace, name: service.name }, field });
}

function eachWebhook(object: KubernetesObject, refer: Refer): void {
  const { webhooks } = object as { webhooks?: readonly { readonly clientConfig?: ClientConfig | null }[] };
  const items = itemsOf(webhooks);
  for (let i = 0; i < items.length; i++) {
    pointAt(items[i]?.clientConfig?.service, `webhooks[${i}].clientConfig.service`, refer);
  }
}

export const mutatingWebhookCalls = {
  name: 'mutating-webhook-calls',
  relation: 'calls',
  reads: ['MutatingWebhookConfiguration'],
  source: ['MutatingWebhookConfiguration'],
  target: ['Service'],
  fields: ['webhooks[].clientConfig.service'],
  dependence: 'source',
  sentence: 'A MutatingWebhookConfiguration calls the Services of its webhooks.',
  infer: eachWebhook,
} as const satisfies Rule;

export const validatingWebhookCalls = {
  name: 'validating-webhook-calls',
  relation: 'calls',
  reads: ['ValidatingWebhookConfiguration'],
  source: ['ValidatingWebhookConfiguration'],
  target: ['Service'],
  fields: ['webhooks[].clientConfig.service'],
  dependence: 'source',
  sentence: 'A ValidatingWebhookConfiguration calls the Services of its webhooks.',
  infer: eachWebhook,
} as const satisfies Rule;

export const apiServiceCalls = {
  name: 'api-service-calls',
  relation: 'calls',
  reads: ['APIService'],
  source: ['APIService'],
  target: ['Service'],
  fields: ['spec.service'],
  dependence: 'source',
  sentence: 'An APIService calls the Service that serves its group and version; a local one has none.',
  infer(object, refer) {
    const { spec } = object as { spec?: ClientConfig | null };
    pointAt(spec?.service, 'spec.service', refer);
  },
} as const satisfies Rule;

export const conversionCalls = {
  name: 'conversion-calls',
  relation: 'calls',
  reads: ['CustomResourceDefinition'],
  source: ['CustomResourceDefinition'],
  target: ['Service'],
  fields: ['spec.conversion.webhook.clientConfig.service'],
  dependence: 'source',
  sentence: 'A CustomResourceDefinition calls the Service that converts between its versions.',
  infer(object, refer) {
    const { spec } = object as { spec?: Definition | null };
    const service = spec?.conversion?.webhook?.clientConfig?.service;
    pointAt(service, 'spec.conversion.webhook.clientConfig.service', refer);
  },
} as const satisfies Rule;

interface Definition {
  readonly conversion?: { readonly webhook?: { readonly clientConfig?: ClientConfig | null } | null } | null;
}

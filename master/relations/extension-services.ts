// Services that the API server calls: admission webhooks, aggregated APIs, conversions.
import { hostOfUrl } from '../../src/cluster-names.ts';
import { isName, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { endOfHost } from './hosts.ts';
import type { Reference, Rule } from './relation.ts';

interface ServiceRef {
  readonly namespace?: unknown;
  readonly name?: unknown;
}

interface ClientConfig {
  readonly service?: ServiceRef | null;
  readonly url?: unknown;
}

type Refer = (reference: Reference) => void;

/** A URL leads to a Service of the cluster or to a host. */
function pointAtClient(config: ClientConfig | null | undefined, path: string, refer: Refer): void {
  if (config?.service) return pointAt(config.service, `${path}.service`, refer);
  const host = isName(config?.url) ? hostOfUrl(config.url) : undefined;
  const target = host && endOfHost(host);
  if (target) refer({ target, field: `${path}.url` });
}

/** In the reference's own namespace only. */
function pointAt(service: ServiceRef | null | undefined, field: string, refer: Refer): void {
  if (!isName(service?.name) || !isName(service.namespace)) return;
  refer({ target: { by: 'name', type: 'Service', namespace: service.namespace, name: service.name }, field });
}

function eachWebhook(object: KubernetesObject, refer: Refer): void {
  const { webhooks } = object as { webhooks?: readonly { readonly clientConfig?: ClientConfig | null }[] };
  const items = itemsOf(webhooks);
  for (let i = 0; i < items.length; i++) {
    pointAtClient(items[i]?.clientConfig, `webhooks[${i}].clientConfig`, refer);
  }
}

export const mutatingWebhookCalls = {
  name: 'mutating-webhook-calls',
  relation: 'calls',
  reads: ['MutatingWebhookConfiguration'],
  source: ['MutatingWebhookConfiguration'],
  target: ['Service', 'Host'],
  fields: ['webhooks[].clientConfig.service', 'webhooks[].clientConfig.url'],
  dependence: 'source',
  sentence: 'A MutatingWebhookConfiguration calls the Services or URLs of its webhooks.',
  infer: eachWebhook,
} as const satisfies Rule;

export const validatingWebhookCalls = {
  name: 'validating-webhook-calls',
  relation: 'calls',
  reads: ['ValidatingWebhookConfiguration'],
  source: ['ValidatingWebhookConfiguration'],
  target: ['Service', 'Host'],
  fields: ['webhooks[].clientConfig.service', 'webhooks[].clientConfig.url'],
  dependence: 'source',
  sentence: 'A ValidatingWebhookConfiguration calls the Services or URLs of its webhooks.',
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
  sentence: 'An APIService calls the Service that serves its group and version. A local APIService calls none.',
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
  target: ['Service', 'Host'],
  fields: [
    'spec.conversion.webhook.clientConfig.service',
    'spec.conversion.webhook.clientConfig.url',
    'spec.conversion.webhookClientConfig.service',
    'spec.conversion.webhookClientConfig.url',
  ],
  dependence: 'source',
  sentence: 'A CustomResourceDefinition calls the Service or URL of its conversion webhook.',
  infer(object, refer) {
    const { spec } = object as { spec?: Definition | null };
    const { webhook, webhookClientConfig } = spec?.conversion ?? {};
    if (webhook) pointAtClient(webhook.clientConfig, 'spec.conversion.webhook.clientConfig', refer);
    else pointAtClient(webhookClientConfig, 'spec.conversion.webhookClientConfig', refer);
  },
} as const satisfies Rule;

interface Definition {
  readonly conversion?: {
    readonly webhook?: { readonly clientConfig?: ClientConfig | null } | null;
    /** Until `apiextensions.k8s.io/v1`. */
    readonly webhookClientConfig?: ClientConfig | null;
  } | null;
}

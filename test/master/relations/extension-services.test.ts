import {
  apiServiceCalls,
  conversionCalls,
  mutatingWebhookCalls,
  validatingWebhookCalls,
} from '../../../master/relations/extension-services.ts';
import { clusterObject, named, ruleCases } from '../../support/rule-cases.ts';

const group = 'admissionregistration.k8s.io/v1';
const hook = (namespace: string) => ({
  name: 'h',
  clientConfig: { service: { namespace, name: 'webhook', path: '/' } },
});
const urlOf = (host: string) => ({ name: 'u', clientConfig: { url: `https://${host}:8443/mutate` } });
const byUrl = { name: 'u', clientConfig: { url: 'https://hooks.example.com' } };

for (const [rule, kind] of [
  [mutatingWebhookCalls, 'MutatingWebhookConfiguration'],
  [validatingWebhookCalls, 'ValidatingWebhookConfiguration'],
] as const) {
  ruleCases(rule, [
    {
      says: 'a webhook calls the Service of the namespace it names, not one of that name elsewhere',
      object: clusterObject(group, kind, { webhooks: [hook('shop'), byUrl, hook('other')] }),
      refers: [
        { target: named('Service', 'webhook', 'shop'), field: 'webhooks[0].clientConfig.service' },
        { target: named('Host', 'hooks.example.com'), field: 'webhooks[1].clientConfig.url' },
        { target: named('Service', 'webhook', 'other'), field: 'webhooks[2].clientConfig.service' },
      ],
    },
    {
      says: 'a webhook by URL calls what that leads to: a host, or a Service by any of its names',
      object: clusterObject(group, kind, {
        webhooks: [byUrl, urlOf('hook.ops.svc'), urlOf('hook.ops.svc.cluster.local.'), urlOf('hook.ops')],
      }),
      refers: [
        { target: named('Host', 'hooks.example.com'), field: 'webhooks[0].clientConfig.url' },
        { target: named('Service', 'hook', 'ops'), field: 'webhooks[1].clientConfig.url' },
        { target: named('Service', 'hook', 'ops'), field: 'webhooks[2].clientConfig.url' },
        {
          target: {
            by: 'first',
            of: [{ by: 'name', type: 'Service', namespace: 'ops', name: 'hook' }],
            otherwise: { by: 'name', type: 'Host', name: 'hook.ops' },
          },
          field: 'webhooks[3].clientConfig.url',
        },
      ],
    },
    {
      says: 'what is not a URL leads nowhere',
      object: clusterObject(group, kind, { webhooks: [urlOf('')] }),
      refers: [],
    },
    { says: 'a configuration without webhooks calls none', object: clusterObject(group, kind), refers: [] },
  ]);
}

ruleCases(apiServiceCalls, [
  {
    says: 'an aggregated API calls its Service',
    object: clusterObject('apiregistration.k8s.io/v1', 'APIService', {
      spec: { group: 'metrics.k8s.io', service: { namespace: 'kube-system', name: 'metrics-server', port: 443 } },
    }),
    refers: [{ target: named('Service', 'metrics-server', 'kube-system'), field: 'spec.service' }],
  },
  {
    says: 'an API that the API server serves itself calls none',
    object: clusterObject('apiregistration.k8s.io/v1', 'APIService', { spec: { group: 'apps', service: null } }),
    refers: [],
  },
]);

const definition = (conversion: unknown) =>
  clusterObject('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { spec: { conversion } });

ruleCases(conversionCalls, [
  {
    says: 'a definition calls the Service that converts',
    object: definition({
      strategy: 'Webhook',
      webhook: { clientConfig: { service: { namespace: 'ops', name: 'convert' } } },
    }),
    refers: [{ target: named('Service', 'convert', 'ops'), field: 'spec.conversion.webhook.clientConfig.service' }],
  },
  { says: 'a definition without conversion calls none', object: definition({ strategy: 'None' }), refers: [] },
]);

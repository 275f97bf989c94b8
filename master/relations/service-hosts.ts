// Hosts of a Service: its external name, and its external addresses.
import { isName, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { endOfHost, servedHost } from './hosts.ts';
import type { Rule } from './relation.ts';

interface Service extends KubernetesObject {
  readonly spec?: {
    readonly type?: unknown;
    readonly externalName?: unknown;
    readonly externalIPs?: readonly unknown[];
  } | null;
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: unknown; readonly hostname?: unknown }[] };
  } | null;
}

export const serviceExternalName = {
  name: 'service-external-name',
  relation: 'resolvesTo',
  reads: ['Service'],
  source: ['Service'],
  target: ['Host', 'Service', 'Pod'],
  fields: ['spec.externalName'],
  dependence: 'source',
  sentence: 'A Service of type ExternalName resolves to the Service or external host named in spec.externalName.',
  infer(object: Service, refer) {
    const name = object.spec?.externalName;
    if (object.spec?.type !== 'ExternalName' || !isName(name)) return;
    // A CNAME: search domains do not apply.
    const target = endOfHost(name);
    if (target) refer({ target, field: 'spec.externalName' });
  },
} as const satisfies Rule;

export const serviceExternalIp = {
  name: 'service-external-ip',
  relation: 'exposedAt',
  reads: ['Service'],
  source: ['Service'],
  target: ['Host'],
  fields: ['spec.externalIPs[]'],
  dependence: 'target',
  sentence: 'A Service is exposed at its external IP addresses.',
  infer(object: Service, refer) {
    const addresses = itemsOf(object.spec?.externalIPs);
    for (let i = 0; i < addresses.length; i++) {
      const name = addresses[i];
      if (isName(name)) refer({ target: servedHost(name), field: `spec.externalIPs[${i}]` });
    }
  },
} as const satisfies Rule;

export const serviceLoadBalancer = {
  name: 'service-load-balancer',
  relation: 'exposedAt',
  reads: ['Service'],
  source: ['Service'],
  target: ['Host'],
  fields: ['status.loadBalancer.ingress[].ip', 'status.loadBalancer.ingress[].hostname'],
  dependence: 'target',
  sentence: 'A Service is exposed at the addresses and host names of its load balancer.',
  infer(object: Service, refer) {
    const points = itemsOf(object.status?.loadBalancer?.ingress);
    for (let i = 0; i < points.length; i++) {
      for (const key of ['ip', 'hostname'] as const) {
        const name = points[i]?.[key];
        const field = `status.loadBalancer.ingress[${i}].${key}`;
        if (isName(name)) refer({ target: servedHost(name), field });
      }
    }
  },
} as const satisfies Rule;

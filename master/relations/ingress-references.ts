// Other references of an Ingress: hosts, certificates, class, and the class's parameters.
import { walkerOf } from '../../src/field-paths.ts';
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import { typeOf } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { servedHost } from './hosts.ts';
import type { Reference, Rule } from './relation.ts';

interface Ingress extends KubernetesObject {
  readonly spec?: {
    readonly ingressClassName?: unknown;
    readonly rules?: readonly { readonly host?: unknown }[];
    readonly tls?: readonly { readonly secretName?: unknown }[];
  } | null;
}

export const ingressServesHost = {
  name: 'ingress-serves-host',
  relation: 'serves',
  reads: ['Ingress'],
  source: ['Ingress'],
  target: ['Host'],
  fields: ['spec.rules[].host'],
  dependence: 'target',
  sentence: 'An Ingress serves the hosts of its rules. A wildcard is a Host of its own.',
  infer(object: Ingress, refer) {
    const rules = itemsOf(object.spec?.rules);
    for (let i = 0; i < rules.length; i++) {
      const name = rules[i]?.host;
      if (isName(name)) refer({ target: servedHost(name), field: `spec.rules[${i}].host` });
    }
  },
} as const satisfies Rule;

export const ingressTlsSecret = {
  name: 'ingress-tls-secret',
  relation: 'uses',
  reads: ['Ingress'],
  source: ['Ingress'],
  target: ['Secret'],
  fields: ['spec.tls[].secretName'],
  dependence: 'source',
  sentence: 'An Ingress uses the Secrets named in its TLS section.',
  infer(object: Ingress, refer) {
    const tls = itemsOf(object.spec?.tls);
    for (let i = 0; i < tls.length; i++) {
      const name = tls[i]?.secretName;
      if (!isName(name)) continue;
      const target = { by: 'name', type: 'Secret', namespace: object.metadata.namespace, name } as const;
      refer({ target, field: `spec.tls[${i}].secretName` });
    }
  },
} as const satisfies Rule;

export const ingressClassName = {
  name: 'ingress-class-name',
  relation: 'uses',
  reads: ['Ingress'],
  source: ['Ingress'],
  target: ['IngressClass'],
  fields: ['spec.ingressClassName'],
  dependence: 'source',
  sentence: 'An Ingress uses the IngressClass it names.',
  infer(object: Ingress, refer) {
    const name = object.spec?.ingressClassName;
    if (isName(name)) refer({ target: { by: 'name', type: 'IngressClass', name }, field: 'spec.ingressClassName' });
  },
} as const satisfies Rule;

const oldClass = 'kubernetes.io/ingress.class';

export const ingressClassAnnotation = {
  name: 'ingress-class-annotation',
  relation: 'uses',
  reads: ['Ingress'],
  source: ['Ingress'],
  target: ['IngressClass'],
  fields: [`metadata.annotations["${oldClass}"]`],
  dependence: 'source',
  sentence:
    'An Ingress without spec.ingressClassName uses the class in its kubernetes.io/ingress.class annotation. That IngressClass need not exist.',
  infer(object: Ingress, refer) {
    const name = object.metadata.annotations?.[oldClass];
    if (!isName(name) || isName(object.spec?.ingressClassName)) return;
    const target = { by: 'name', type: 'IngressClass', name } as const;
    refer({ target, field: `metadata.annotations["${oldClass}"]`, optional: true, dependence: 'source' });
  },
} as const satisfies Rule;

export const ingressClassParameters = {
  name: 'ingress-class-parameters',
  relation: 'uses',
  reads: ['IngressClass'],
  source: ['IngressClass'],
  target: ['*'],
  fields: ['spec.parameters'],
  dependence: 'source',
  sentence:
    'An IngressClass uses the object named in spec.parameters. The namespace applies only if the scope is Namespace.',
  infer(object, refer) {
    const { spec } = object as { spec?: { parameters?: unknown } | null };
    const parameters = spec?.parameters;
    if (!isRecord(parameters)) return;
    const { apiGroup, kind, name, namespace, scope } = parameters;
    if (!isName(kind) || !isName(name)) return;
    const type = typeOf(isName(apiGroup) ? apiGroup : '', kind);
    const where = scope === 'Namespace' && isName(namespace) ? namespace : undefined;
    refer({ target: { by: 'name', type, namespace: where, name }, field: 'spec.parameters' });
  },
} as const satisfies Rule;

export const ingressDefaultClass = {
  name: 'ingress-default-class',
  relation: 'uses',
  reads: ['Ingress'],
  source: ['Ingress'],
  target: ['IngressClass'],
  fields: ['spec.ingressClassName'],
  dependence: 'source',
  sentence: 'An Ingress without a class uses the default IngressClass, if there is one.',
  infer(object: Ingress, refer) {
    if (isName(object.spec?.ingressClassName) || isName(object.metadata.annotations?.[oldClass])) return;
    const target = { by: 'key', index: 'default', key: 'IngressClass' } as const;
    refer({ target, field: 'spec.ingressClassName', defaulted: true });
  },
} as const satisfies Rule;

export const ingressTlsHost = {
  name: 'ingress-tls-host',
  relation: 'serves',
  reads: ['Ingress'],
  source: ['Ingress'],
  target: ['Host'],
  fields: ['spec.tls[].hosts[]'],
  dependence: 'target',
  sentence: 'An Ingress serves the hosts in its TLS section.',
  infer(object: Ingress, refer) {
    eachTlsHost(object, (name, path) => {
      if (isName(name)) refer({ target: servedHost(name), field: path() });
    });
  },
} as const satisfies Rule;

const eachTlsHost = walkerOf('spec.tls[].hosts[]');
const balancers = ['status.loadBalancer.ingress[].ip', 'status.loadBalancer.ingress[].hostname'];
const walkBalancers = balancers.map(walkerOf);

export const ingressLoadBalancer = {
  name: 'ingress-load-balancer',
  relation: 'exposedAt',
  reads: ['Ingress'],
  source: ['Ingress'],
  target: ['Host'],
  fields: balancers,
  dependence: 'target',
  sentence: 'An Ingress is exposed at the addresses and host names of its load balancer.',
  infer(object: Ingress, refer: (reference: Reference) => void) {
    for (const walk of walkBalancers) {
      walk(object, (name, path) => {
        if (isName(name)) refer({ target: servedHost(name), field: path() });
      });
    }
  },
} as const satisfies Rule;

// What a StatefulSet names: the Service that governs its names, and the claims it makes for each of its ordinals.
import { isName, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Rule } from './relation.ts';

interface StatefulSet extends KubernetesObject {
  readonly spec?: {
    readonly serviceName?: unknown;
    readonly replicas?: unknown;
    readonly ordinals?: { readonly start?: unknown } | null;
    readonly volumeClaimTemplates?: readonly { readonly metadata?: { readonly name?: unknown } }[];
  } | null;
}

export const statefulSetService = {
  name: 'stateful-set-service',
  relation: 'uses',
  reads: ['StatefulSet'],
  source: ['StatefulSet'],
  target: ['Service'],
  fields: ['spec.serviceName'],
  dependence: 'source',
  sentence: 'A StatefulSet uses the Service that gives its Pods their names.',
  infer(object: StatefulSet, refer) {
    const name = object.spec?.serviceName;
    if (!isName(name)) return;
    const target = { by: 'name', type: 'Service', namespace: object.metadata.namespace, name } as const;
    refer({ target, field: 'spec.serviceName' });
  },
} as const satisfies Rule;

function count(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : otherwise;
}

export const statefulSetOwnsClaim = {
  name: 'stateful-set-owns-claim',
  relation: 'owns',
  reads: ['StatefulSet'],
  source: ['StatefulSet'],
  target: ['PersistentVolumeClaim'],
  fields: ['spec.volumeClaimTemplates[]', 'spec.replicas', 'spec.ordinals.start'],
  dependence: 'target',
  sentence: 'A StatefulSet owns the claims <template>-<set>-<ordinal> of its replicas, by their whole names.',
  infer(object: StatefulSet, refer) {
    const spec = object.spec;
    const templates = itemsOf(spec?.volumeClaimTemplates);
    const { namespace, name: set } = object.metadata;
    const start = count(spec?.ordinals?.start, 0);
    const end = start + count(spec?.replicas, 1);
    for (let i = 0; i < templates.length; i++) {
      const template = templates[i]?.metadata?.name;
      if (!isName(template)) continue;
      for (let ordinal = start; ordinal < end; ordinal++) {
        const name = `${template}-${set}-${ordinal}`;
        const target = { by: 'name', type: 'PersistentVolumeClaim', namespace, name } as const;
        refer({ target, field: `spec.volumeClaimTemplates[${i}]` });
      }
    }
  },
} as const satisfies Rule;

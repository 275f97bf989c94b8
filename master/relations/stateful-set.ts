// References of a StatefulSet: its governing Service, and the claims of its ordinals.
import { isName, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { nameRule } from './names.ts';
import type { Rule } from './relation.ts';

interface StatefulSet extends KubernetesObject {
  readonly spec?: {
    readonly serviceName?: unknown;
    readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted?: unknown } | null;
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
  sentence: 'A StatefulSet uses the Service named in spec.serviceName, which gives its Pods their DNS names.',
  infer(object: StatefulSet, refer) {
    const name = object.spec?.serviceName;
    if (!isName(name)) return;
    const target = { by: 'name', type: 'Service', namespace: object.metadata.namespace, name } as const;
    refer({ target, field: 'spec.serviceName' });
  },
} as const satisfies Rule;

const templateIndex = 'claim-template';

export const statefulSetClaimTemplate = {
  name: 'stateful-set-claim-template',
  relation: 'states',
  reads: ['StatefulSet'],
  source: ['StatefulSet'],
  target: ['PersistentVolumeClaim'],
  fields: ['spec.volumeClaimTemplates[]', 'spec.persistentVolumeClaimRetentionPolicy.whenDeleted'],
  dependence: 'none',
  sentence: 'The PersistentVolumeClaims <template>-<set>-<ordinal> in its namespace belong to the StatefulSet.',
  infer(object: StatefulSet, refer) {
    const templates = itemsOf(object.spec?.volumeClaimTemplates);
    const { namespace, name: set } = object.metadata;
    const whenDeleted = object.spec?.persistentVolumeClaimRetentionPolicy?.whenDeleted;
    for (let i = 0; i < templates.length; i++) {
      const template = templates[i]?.metadata?.name;
      if (!isName(template)) continue;
      const key = `${namespace}/${template}-${set}`;
      const field = `spec.volumeClaimTemplates[${i}]`;
      refer({ states: { index: templateIndex, key }, field });
      if (whenDeleted === 'Delete') refer({ states: { index: `${templateIndex} deleted`, key }, field });
    }
  },
} as const satisfies Rule;

/** `data-db` for `data-db-12`: the common part of a set's claims. */
function claimBase({ namespace, name }: KubernetesObject['metadata']): string | undefined {
  const base = /^(.+)-\d+$/.exec(name)?.[1];
  return base && namespace ? `${namespace}/${base}` : undefined;
}

export const statefulSetOwnsClaim = {
  name: 'stateful-set-owns-claim',
  relation: 'owns',
  reads: ['PersistentVolumeClaim'],
  source: ['StatefulSet'],
  target: ['PersistentVolumeClaim'],
  fields: ['metadata.name'],
  dependence: 'target',
  sentence:
    'A StatefulSet owns the existing PersistentVolumeClaims <template>-<set>-<ordinal>, of any ordinal. They outlive it unless its retention policy is `Delete`.',
  infer(object, refer) {
    const key = claimBase(object.metadata);
    if (!key) return;
    const source = { by: 'key', index: templateIndex, key, only: true } as const;
    refer({ source, field: 'metadata.name', dependence: 'none' });
    const given = { index: `${templateIndex} deleted`, key };
    refer({ source, field: 'metadata.name', when: { given } });
  },
} as const satisfies Rule;

export const statefulSetStorageClass = nameRule({
  name: 'stateful-set-storage-class',
  relation: 'uses',
  reads: ['StatefulSet'],
  target: 'StorageClass',
  fields: ['spec.volumeClaimTemplates[].spec.storageClassName'],
  place: 'none',
  dependence: 'source',
  sentence: 'A StatefulSet uses the StorageClasses of its volume claim templates.',
  marks: { template: true },
});

export const statefulSetAttributesClass = nameRule({
  name: 'stateful-set-attributes-class',
  relation: 'uses',
  reads: ['StatefulSet'],
  target: 'VolumeAttributesClass',
  fields: ['spec.volumeClaimTemplates[].spec.volumeAttributesClassName'],
  place: 'none',
  dependence: 'source',
  sentence: 'A StatefulSet uses the VolumeAttributesClasses of its volume claim templates.',
  marks: { template: true },
});

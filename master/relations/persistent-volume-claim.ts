// Volume, class and data source of a PersistentVolumeClaim.
import { isName, isRecord } from '../../src/fields.ts';
import { typeOf } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { nameRule } from './names.ts';
import type { Reference, Rule } from './relation.ts';

interface Claim extends KubernetesObject {
  readonly spec?: { readonly [field: string]: unknown } | null;
  readonly status?: { readonly phase?: unknown } | null;
}

const oldClass = 'volume.beta.kubernetes.io/storage-class';

export const claimBound = {
  name: 'claim-bound',
  relation: 'boundTo',
  reads: ['PersistentVolumeClaim'],
  source: ['PersistentVolumeClaim'],
  target: ['PersistentVolume'],
  fields: ['spec.volumeName', 'status.phase'],
  dependence: 'source',
  sentence:
    'A PersistentVolumeClaim is bound to the PersistentVolume it names. Until the volume names the claim too, the relation is `wanted`.',
  infer(object: Claim, refer) {
    const name = object.spec?.['volumeName'];
    if (!isName(name)) return;
    // A user may have set the name before the controller bound anything.
    const agreement = object.status?.phase === 'Pending' ? 'wish' : 'half';
    refer({ target: { by: 'name', type: 'PersistentVolume', name }, field: 'spec.volumeName', agreement });
  },
} as const satisfies Rule;

export const claimStorageClass = {
  name: 'claim-storage-class',
  relation: 'provisionedBy',
  reads: ['PersistentVolumeClaim'],
  source: ['PersistentVolumeClaim'],
  target: ['StorageClass'],
  fields: ['spec.storageClassName', `metadata.annotations["${oldClass}"]`],
  dependence: 'source',
  sentence: 'A PersistentVolumeClaim is provisioned by the StorageClass it names. An empty name means none.',
  infer(object: Claim, refer) {
    const old = object.metadata.annotations?.[oldClass];
    const name = old ?? object.spec?.['storageClassName'];
    if (!isName(name)) return;
    const field = old === undefined ? 'spec.storageClassName' : `metadata.annotations["${oldClass}"]`;
    refer({ target: { by: 'name', type: 'StorageClass', name }, field });
  },
} as const satisfies Rule;

export const claimDefaultStorageClass = {
  name: 'claim-default-storage-class',
  relation: 'provisionedBy',
  reads: ['PersistentVolumeClaim'],
  source: ['PersistentVolumeClaim'],
  target: ['StorageClass'],
  fields: ['spec.storageClassName', 'spec.volumeName'],
  dependence: 'source',
  sentence: 'An unbound PersistentVolumeClaim without a StorageClass is provisioned by the default StorageClass.',
  infer(object: Claim, refer) {
    const spec = object.spec;
    if (!spec || (spec['storageClassName'] ?? object.metadata.annotations?.[oldClass] ?? null) !== null) return;
    if (isName(spec['volumeName'])) return;
    refer({
      target: { by: 'key', index: 'default', key: 'StorageClass' },
      field: 'spec.storageClassName',
      defaulted: true,
    });
  },
} as const satisfies Rule;

/** `namespace` counts only in `dataSourceRef`. */
function pointAtSource(object: Claim, key: string, refer: (reference: Reference) => void): void {
  const source = object.spec?.[key];
  if (!isRecord(source) || !isName(source['kind']) || !isName(source['name'])) return;
  const group = isName(source['apiGroup']) ? source['apiGroup'] : '';
  const elsewhere = key === 'dataSourceRef' && isName(source['namespace']) ? source['namespace'] : undefined;
  const namespace = elsewhere ?? object.metadata.namespace;
  const type = typeOf(group, source['kind']);
  refer({ target: { by: 'name', type, namespace, name: source['name'] }, field: `spec.${key}` });
}

export const claimDataSource = {
  name: 'claim-data-source',
  relation: 'createdFrom',
  reads: ['PersistentVolumeClaim'],
  source: ['PersistentVolumeClaim'],
  target: ['PersistentVolumeClaim', 'VolumeSnapshot.snapshot.storage.k8s.io'],
  fields: ['spec.dataSource'],
  dependence: 'none',
  sentence: 'A PersistentVolumeClaim is created from the claim or snapshot named in spec.dataSource.',
  infer: (object: Claim, refer) => pointAtSource(object, 'dataSource', refer),
} as const satisfies Rule;

export const claimDataSourceRef = {
  name: 'claim-data-source-ref',
  relation: 'createdFrom',
  reads: ['PersistentVolumeClaim'],
  source: ['PersistentVolumeClaim'],
  target: ['PersistentVolumeClaim', 'VolumeSnapshot.snapshot.storage.k8s.io', '*'],
  fields: ['spec.dataSourceRef'],
  dependence: 'none',
  sentence:
    'A PersistentVolumeClaim is created from the object, of any kind and namespace, named in spec.dataSourceRef.',
  infer: (object: Claim, refer) => pointAtSource(object, 'dataSourceRef', refer),
} as const satisfies Rule;

export const claimAttributesClass = nameRule({
  name: 'claim-attributes-class',
  relation: 'uses',
  reads: ['PersistentVolumeClaim'],
  target: 'VolumeAttributesClass',
  fields: ['spec.volumeAttributesClassName'],
  place: 'none',
  dependence: 'source',
  sentence: 'A PersistentVolumeClaim uses the VolumeAttributesClass it names.',
});

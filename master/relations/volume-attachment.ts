// Volume, node and driver of a VolumeAttachment.
import { walkerOf } from '../../src/field-paths.ts';
import { isName, isRecord } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Rule } from './relation.ts';
import { csiSecrets, pointAtCsiSecrets, pointAtStorageSecrets, withSecretRef } from './volume-secrets.ts';

type Fields = { readonly [field: string]: unknown };

interface Attachment extends KubernetesObject {
  readonly spec?: {
    readonly attacher?: unknown;
    readonly nodeName?: unknown;
    readonly source?: { readonly persistentVolumeName?: unknown; readonly inlineVolumeSpec?: unknown } | null;
  } | null;
}

export const attachmentDriver = {
  name: 'attachment-driver',
  relation: 'uses',
  reads: ['VolumeAttachment'],
  source: ['VolumeAttachment'],
  target: ['CSIDriver'],
  fields: ['spec.attacher'],
  dependence: 'source',
  sentence: 'A VolumeAttachment uses the CSIDriver named in spec.attacher.',
  infer(object: Attachment, refer) {
    const name = object.spec?.attacher;
    if (isName(name)) refer({ target: { by: 'name', type: 'CSIDriver', name }, field: 'spec.attacher' });
  },
} as const satisfies Rule;

export const attachmentNode = {
  name: 'attachment-node',
  relation: 'attaches',
  reads: ['VolumeAttachment'],
  source: ['VolumeAttachment'],
  target: ['Node'],
  fields: ['spec.nodeName'],
  dependence: 'source',
  sentence: 'A VolumeAttachment attaches its volume to the Node named in spec.nodeName.',
  infer(object: Attachment, refer) {
    const name = object.spec?.nodeName;
    if (isName(name)) refer({ target: { by: 'name', type: 'Node', name }, field: 'spec.nodeName' });
  },
} as const satisfies Rule;

export const attachmentVolume = {
  name: 'attachment-volume',
  relation: 'attaches',
  reads: ['VolumeAttachment'],
  source: ['VolumeAttachment'],
  target: ['PersistentVolume'],
  fields: ['spec.source.persistentVolumeName'],
  dependence: 'source',
  sentence: 'A VolumeAttachment attaches the PersistentVolume it names. An inline volume has none.',
  infer(object: Attachment, refer) {
    const name = object.spec?.source?.persistentVolumeName;
    if (!isName(name)) return;
    refer({ target: { by: 'name', type: 'PersistentVolume', name }, field: 'spec.source.persistentVolumeName' });
  },
} as const satisfies Rule;

const inline = 'spec.source.inlineVolumeSpec';

function inlineSpecOf(object: Attachment): Fields | undefined {
  const spec = object.spec?.source?.inlineVolumeSpec;
  return isRecord(spec) ? spec : undefined;
}

export const attachmentInlineSecret = {
  name: 'attachment-inline-secret',
  relation: 'uses',
  reads: ['VolumeAttachment'],
  source: ['VolumeAttachment'],
  target: ['Secret'],
  fields: [
    ...csiSecrets.map((key) => `${inline}.csi.${key}`),
    `${inline}.azureFile.secretName`,
    ...withSecretRef.map((source) => `${inline}.${source}.secretRef`),
  ],
  dependence: 'source',
  sentence: 'A VolumeAttachment uses the Secrets of its inline volume.',
  infer(object: Attachment, refer) {
    const spec = inlineSpecOf(object);
    pointAtCsiSecrets(spec, inline, refer);
    pointAtStorageSecrets(spec, inline, refer);
  },
} as const satisfies Rule;

const inlineNames = [
  { type: 'CSIDriver', field: `${inline}.csi.driver`, walk: walkerOf(`${inline}.csi.driver`) },
  { type: 'StorageClass', field: `${inline}.storageClassName`, walk: walkerOf(`${inline}.storageClassName`) },
  {
    type: 'VolumeAttributesClass',
    field: `${inline}.volumeAttributesClassName`,
    walk: walkerOf(`${inline}.volumeAttributesClassName`),
  },
] as const;

export const attachmentInlineClass = {
  name: 'attachment-inline-class',
  relation: 'uses',
  reads: ['VolumeAttachment'],
  source: ['VolumeAttachment'],
  target: inlineNames.map(({ type }) => type),
  fields: inlineNames.map(({ field }) => field),
  dependence: 'source',
  sentence: 'A VolumeAttachment uses the CSIDriver and the classes of its inline volume.',
  infer(object: Attachment, refer) {
    for (const { type, field, walk } of inlineNames) {
      walk(object, (name) => {
        if (isName(name)) refer({ target: { by: 'name', type, name }, field });
      });
    }
  },
} as const satisfies Rule;

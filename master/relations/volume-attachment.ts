// What a VolumeAttachment attaches, where, and by which driver.
import { isName } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Rule } from './relation.ts';

interface Attachment extends KubernetesObject {
  readonly spec?: {
    readonly attacher?: unknown;
    readonly nodeName?: unknown;
    readonly source?: { readonly persistentVolumeName?: unknown } | null;
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
  sentence: 'A VolumeAttachment uses the CSIDriver that attaches.',
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
  sentence: 'A VolumeAttachment attaches to its Node.',
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
  sentence: 'A VolumeAttachment attaches its PersistentVolume; an inline volume has none.',
  infer(object: Attachment, refer) {
    const name = object.spec?.source?.persistentVolumeName;
    if (!isName(name)) return;
    refer({ target: { by: 'name', type: 'PersistentVolume', name }, field: 'spec.source.persistentVolumeName' });
  },
} as const satisfies Rule;

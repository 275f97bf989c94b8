import {
  attachmentDriver,
  attachmentInlineClass,
  attachmentInlineSecret,
  attachmentNode,
  attachmentVolume,
} from '../../../master/relations/volume-attachment.ts';
import { clusterObject, named, ruleCases } from '../../support/rule-cases.ts';

const attachment = (spec: object) => clusterObject('storage.k8s.io/v1', 'VolumeAttachment', { spec });
const whole = attachment({ attacher: 'ebs.csi.aws.com', nodeName: 'node-1', source: { persistentVolumeName: 'pv-1' } });
const none = { says: 'an attachment that says nothing attaches nothing', object: attachment({}), refers: [] };

ruleCases(attachmentDriver, [
  {
    says: 'an attachment uses its driver',
    object: whole,
    refers: [{ target: named('CSIDriver', 'ebs.csi.aws.com'), field: 'spec.attacher' }],
  },
  none,
]);

ruleCases(attachmentNode, [
  {
    says: 'an attachment attaches to its Node',
    object: whole,
    refers: [{ target: named('Node', 'node-1'), field: 'spec.nodeName' }],
  },
  none,
]);

ruleCases(attachmentVolume, [
  {
    says: 'an attachment attaches its volume',
    object: whole,
    refers: [{ target: named('PersistentVolume', 'pv-1'), field: 'spec.source.persistentVolumeName' }],
  },
  { says: 'an inline volume is not an object', object: attachment({ source: { inlineVolumeSpec: {} } }), refers: [] },
]);

const inline = (spec: object) =>
  clusterObject('storage.k8s.io/v1', 'VolumeAttachment', { spec: { source: { inlineVolumeSpec: spec } } });
const path = 'spec.source.inlineVolumeSpec';

ruleCases(attachmentInlineSecret, [
  {
    says: 'an attachment uses the Secrets of the volume that is written out in it',
    object: inline({
      csi: { driver: 'd', nodeStageSecretRef: { name: 's', namespace: 'ops' } },
      rbd: { secretRef: { name: 'c', namespace: 'ceph' } },
    }),
    refers: [
      { target: named('Secret', 's', 'ops'), field: `${path}.csi.nodeStageSecretRef` },
      { target: named('Secret', 'c', 'ceph'), field: `${path}.rbd.secretRef` },
    ],
  },
  {
    says: 'a Secret without a namespace is none',
    object: inline({ csi: { nodeStageSecretRef: { name: 's' } } }),
    refers: [],
  },
]);

ruleCases(attachmentInlineClass, [
  {
    says: 'an attachment uses the driver and the classes of the volume that is written out in it',
    object: inline({ csi: { driver: 'd' }, storageClassName: 'fast', volumeAttributesClassName: 'gold' }),
    refers: [
      { target: named('CSIDriver', 'd'), field: `${path}.csi.driver` },
      { target: named('StorageClass', 'fast'), field: `${path}.storageClassName` },
      { target: named('VolumeAttributesClass', 'gold'), field: `${path}.volumeAttributesClassName` },
    ],
  },
  {
    says: 'an attachment of a PersistentVolume leaves that to it',
    object: clusterObject('storage.k8s.io/v1', 'VolumeAttachment', {
      spec: { source: { persistentVolumeName: 'pv' } },
    }),
    refers: [],
  },
]);

import { attachmentDriver, attachmentNode, attachmentVolume } from '../../../master/relations/volume-attachment.ts';
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
  { says: 'an inline volume is no object', object: attachment({ source: { inlineVolumeSpec: {} } }), refers: [] },
]);

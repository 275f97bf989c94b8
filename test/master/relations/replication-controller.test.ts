import { replicationControllerMonitorsPod } from '../../../master/relations/replication-controller.ts';
import { object, ruleCases } from '../../support/rule-cases.ts';

const controller = (spec: object) => object('v1', 'ReplicationController', { spec });
const target = {
  by: 'labels',
  type: 'Pod',
  namespaces: { in: ['shop'] },
  selector: { matchLabels: { app: 'legacy' } },
  orphansOnly: true,
  phaseNot: ['Succeeded', 'Failed'],
} as const;

ruleCases(replicationControllerMonitorsPod, [
  {
    says: 'a ReplicationController monitors the Pods of its selector, in its namespace, that no controller owns',
    object: controller({ selector: { app: 'legacy' } }),
    refers: [{ target, field: 'spec.selector' }],
  },
  {
    says: 'without a selector the labels of the template select',
    object: controller({ template: { metadata: { labels: { app: 'legacy' } } } }),
    refers: [{ target, field: 'spec.template.metadata.labels' }],
  },
  { says: 'an empty selector monitors nothing', object: controller({ selector: {} }), refers: [] },
]);

import { regionContainsNode, zoneContainsNode } from '../../../master/relations/node-topology.ts';
import { clusterObject, named, ruleCases } from '../../support/rule-cases.ts';

const node = (labels: object | undefined) => clusterObject('v1', 'Node', {}, { labels });
const both = {
  'topology.kubernetes.io/zone': 'eu-1a',
  'topology.kubernetes.io/region': 'eu-1',
  'failure-domain.beta.kubernetes.io/zone': 'old-zone',
  'failure-domain.beta.kubernetes.io/region': 'old-region',
};

ruleCases(zoneContainsNode, [
  {
    says: 'a Zone contains the Node that names it, by today’s label',
    object: node(both),
    refers: [{ source: named('Zone', 'eu-1a'), field: 'metadata.labels["topology.kubernetes.io/zone"]' }],
  },
  {
    says: 'the old label counts where the new one is absent',
    object: node({ 'failure-domain.beta.kubernetes.io/zone': 'z' }),
    refers: [{ source: named('Zone', 'z'), field: 'metadata.labels["failure-domain.beta.kubernetes.io/zone"]' }],
  },
  { says: 'a Node without labels is in no Zone', object: node(undefined), refers: [] },
  { says: 'a Node without the label is in no Zone', object: node({ a: 'b' }), refers: [] },
]);

ruleCases(regionContainsNode, [
  {
    says: 'a Region contains the Node that names it',
    object: node(both),
    refers: [{ source: named('Region', 'eu-1'), field: 'metadata.labels["topology.kubernetes.io/region"]' }],
  },
  {
    says: 'a Node without the label is in no Region',
    object: node({ 'topology.kubernetes.io/zone': 'z' }),
    refers: [],
  },
]);

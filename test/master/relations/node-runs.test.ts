import { nodeRunsContainer, nodeRunsPod } from '../../../master/relations/node-runs.ts';
import { clusterObject, named, object, pod, ruleCases } from '../../support/rule-cases.ts';

ruleCases(nodeRunsPod, [
  {
    says: 'a Node runs the Pod that names it, whether or not the Node is listed',
    object: pod({ nodeName: 'node-1' }),
    refers: [{ source: named('Node', 'node-1'), field: 'spec.nodeName' }],
  },
  { says: 'a pending Pod is run by none', object: pod({}), refers: [] },
  { says: 'a Pod without a spec is no crash', object: object('v1', 'Pod'), refers: [] },
]);

ruleCases(nodeRunsContainer, [
  {
    says: 'a Node runs a container that belongs to no Pod',
    object: clusterObject('v1', 'Container', {}, { name: 'registry', node: 'node-1' }),
    refers: [{ source: named('Node', 'node-1'), field: 'metadata.node' }],
  },
  {
    says: 'a container of a Pod is the Pod’s',
    object: object('v1', 'Container', {}, { name: 'app', pod: 'web-0', node: 'node-1' }),
    refers: [],
  },
]);

import { runtimeClassRestrictedToNode } from '../../../master/relations/runtime-class.ts';
import { clusterObject, labelled, ruleCases } from '../../support/rule-cases.ts';

const runtimeClass = (fields: object) =>
  clusterObject('node.k8s.io/v1', 'RuntimeClass', { handler: 'runsc', ...fields });

ruleCases(runtimeClassRestrictedToNode, [
  {
    says: 'a class is restricted to the Nodes of its selector',
    object: runtimeClass({ scheduling: { nodeSelector: { sandbox: 'gvisor' } } }),
    refers: [{ target: labelled('Node', { matchLabels: { sandbox: 'gvisor' } }), field: 'scheduling.nodeSelector' }],
  },
  {
    says: 'an empty selector restricts to nothing',
    object: runtimeClass({ scheduling: { nodeSelector: {} } }),
    refers: [],
  },
  { says: 'a class without scheduling is not restricted', object: runtimeClass({}), refers: [] },
]);

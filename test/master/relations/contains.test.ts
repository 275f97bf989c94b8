import { clusterContains, namespaceContains } from '../../../master/relations/contains.ts';
import { clusterObject, named, object, pod, ruleCases } from '../../support/rule-cases.ts';

const container = object('v1', 'Container', {}, { name: 'app', pod: 'web-0' });

ruleCases(clusterContains, [
  {
    says: 'the Cluster contains a Node',
    object: clusterObject('v1', 'Node'),
    refers: [{ source: { by: 'cluster' }, field: 'metadata.name' }],
  },
  {
    says: 'the Cluster contains a custom resource that lies in no namespace',
    object: clusterObject('gateway.networking.k8s.io/v1', 'GatewayClass'),
    refers: [{ source: { by: 'cluster' }, field: 'metadata.name' }],
  },
  { says: 'what lies in a namespace is not directly in the Cluster', object: pod(), refers: [] },
  { says: 'a container outside any Pod is its Node’s', object: clusterObject('v1', 'Container'), refers: [] },
  { says: 'an Image is not an object of the API', object: clusterObject('v1', 'Image'), refers: [] },
  {
    says: 'a custom resource that is called Image is an object like any other',
    object: clusterObject('kpack.io/v1', 'Image'),
    refers: [{ source: { by: 'cluster' }, field: 'metadata.name' }],
  },
]);

ruleCases(namespaceContains, [
  {
    says: 'a Namespace contains an object by its name, listed or not',
    object: pod(),
    refers: [{ source: named('Namespace', 'shop'), field: 'metadata.namespace' }],
  },
  {
    says: 'a Namespace contains custom resources',
    object: object('acme.example.com/v1', 'Widget'),
    refers: [{ source: named('Namespace', 'shop'), field: 'metadata.namespace' }],
  },
  { says: 'a Container lies in its Pod', object: container, refers: [] },
  { says: 'what lies in no namespace is in none', object: clusterObject('v1', 'Node'), refers: [] },
]);

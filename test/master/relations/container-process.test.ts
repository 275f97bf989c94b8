import { containerContainsProcess } from '../../../master/relations/container-process.ts';
import { clusterObject, named, object, ruleCases } from '../../support/rule-cases.ts';

ruleCases(containerContainsProcess, [
  {
    says: 'a Container contains the process that names it by the path of its id',
    object: object('v1', 'Process', {}, { name: '4711', container: 'shop/web-0/app' }),
    refers: [{ source: named('Container', 'web-0/app', 'shop'), field: 'metadata.container' }],
  },
  {
    says: 'a pid that is used again in another container is the other container’s process',
    object: object('v1', 'Process', {}, { name: '4711', container: 'shop/web-1/app' }),
    refers: [{ source: named('Container', 'web-1/app', 'shop'), field: 'metadata.container' }],
  },
  {
    says: 'a process of a container outside of any Pod is in no namespace, as its container is',
    object: clusterObject('v1', 'Process', {}, { name: '4711', container: 'node-1/registry' }),
    refers: [{ source: named('Container', 'node-1/registry'), field: 'metadata.container' }],
  },
  { says: 'a process of no known container is in none', object: object('v1', 'Process'), refers: [] },
]);

import { podContainsContainer } from '../../../master/relations/pod-containers.ts';
import { named, object, pod, ruleCases } from '../../support/rule-cases.ts';

ruleCases(podContainsContainer, [
  {
    says: 'a Pod contains containers, init containers, sidecars and ephemeral containers, without any status yet',
    object: pod({
      initContainers: [{ name: 'migrate' }, { name: 'proxy', restartPolicy: 'Always' }],
      containers: [{ name: 'app' }, { name: 'log' }],
      ephemeralContainers: [{ name: 'debug' }],
    }),
    refers: [
      { target: named('Container', 'web-0/migrate', 'shop'), field: 'spec.initContainers[0]' },
      { target: named('Container', 'web-0/proxy', 'shop'), field: 'spec.initContainers[1]' },
      { target: named('Container', 'web-0/app', 'shop'), field: 'spec.containers[0]' },
      { target: named('Container', 'web-0/log', 'shop'), field: 'spec.containers[1]' },
      { target: named('Container', 'web-0/debug', 'shop'), field: 'spec.ephemeralContainers[0]' },
    ],
  },
  {
    says: 'a container of the same name in another Pod is another container',
    object: pod({ containers: [{ name: 'app' }] }, { name: 'web-1' }),
    refers: [{ target: named('Container', 'web-1/app', 'shop'), field: 'spec.containers[0]' }],
  },
  { says: 'a Pod without a spec contains nothing', object: object('v1', 'Pod'), refers: [] },
]);

import {
  podImagePullSecret,
  podPriorityClass,
  podRunsAs,
  podRuntimeClass,
} from '../../../master/relations/pod-references.ts';
import { deployment, named, object, pod, ruleCases } from '../../support/rule-cases.ts';

ruleCases(podRunsAs, [
  {
    says: 'a Pod runs as the account it names',
    object: pod({ serviceAccountName: 'web' }),
    refers: [{ target: named('ServiceAccount', 'web', 'shop'), field: 'spec.serviceAccountName' }],
  },
  {
    says: 'a template that names none runs as default',
    object: deployment({ containers: [] }),
    refers: [
      {
        target: named('ServiceAccount', 'default', 'shop'),
        field: 'spec.template.spec.serviceAccountName',
        template: true,
      },
    ],
  },
  {
    says: 'the old field counts where the new one is absent',
    object: pod({ serviceAccount: 'old' }),
    refers: [{ target: named('ServiceAccount', 'old', 'shop'), field: 'spec.serviceAccount' }],
  },
  {
    says: 'a PodTemplate has its template at the top',
    object: object('v1', 'PodTemplate', { template: { spec: { serviceAccountName: 'web' } } }),
    refers: [
      { target: named('ServiceAccount', 'web', 'shop'), field: 'template.spec.serviceAccountName', template: true },
    ],
  },
  {
    says: 'the mirror of a static Pod runs as none',
    object: pod({}, { annotations: { 'kubernetes.io/config.mirror': '5a' } }),
    refers: [],
  },
  { says: 'an object without a Pod spec runs as none', object: object('apps/v1', 'Deployment'), refers: [] },
]);

ruleCases(podImagePullSecret, [
  {
    says: 'a Pod uses each of its pull secrets',
    object: pod({ imagePullSecrets: [{ name: 'a' }, {}, { name: 'b' }] }),
    refers: [
      { target: named('Secret', 'a', 'shop'), field: 'spec.imagePullSecrets[0]' },
      { target: named('Secret', 'b', 'shop'), field: 'spec.imagePullSecrets[2]' },
    ],
  },
  { says: 'a Pod without any uses none', object: pod(), refers: [] },
]);

ruleCases(podPriorityClass, [
  {
    says: 'a Pod uses the class of its priority, which lies in no namespace',
    object: pod({ priorityClassName: 'system-node-critical' }),
    refers: [{ target: named('PriorityClass', 'system-node-critical'), field: 'spec.priorityClassName' }],
  },
  { says: 'a Pod with a priority but no class uses none', object: pod({ priority: 0 }), refers: [] },
]);

ruleCases(podRuntimeClass, [
  {
    says: 'a template uses the class of its runtime',
    object: deployment({ runtimeClassName: 'gvisor' }),
    refers: [{ target: named('RuntimeClass', 'gvisor'), field: 'spec.template.spec.runtimeClassName', template: true }],
  },
  { says: 'a Pod of the default runtime uses none', object: pod(), refers: [] },
]);

import {
  podAccountPullSecret,
  podControllerRevision,
  podDefaultPriorityClass,
  podImagePullSecret,
  podNominatedNode,
  podPriorityClass,
  podRunsAs,
  podRuntimeClass,
} from '../../../master/relations/pod-references.ts';
import { cronJob, deployment, named, object, pod, ruleCases } from '../../support/rule-cases.ts';

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

const byDefault = { target: { by: 'key', index: 'default', key: 'PriorityClass' }, defaulted: true } as const;

ruleCases(podDefaultPriorityClass, [
  {
    says: 'a Pod that has not been admitted will get the default class',
    object: pod({ containers: [] }),
    refers: [{ ...byDefault, field: 'spec.priorityClassName' }],
  },
  {
    says: 'so will the Pods of a template',
    object: deployment({ containers: [] }),
    refers: [{ ...byDefault, field: 'spec.template.spec.priorityClassName', template: true }],
  },
  { says: 'a Pod that was admitted without a class has none', object: pod({ priority: 0 }), refers: [] },
  { says: 'a Pod that names a class has that', object: pod({ priorityClassName: 'high' }), refers: [] },
]);

const pulling = (account: string) =>
  ({
    target: { by: 'name', type: 'Secret', namespace: 'shop', name: '' },
    when: { given: { index: 'pull-secret', key: `shop/${account}` }, fill: 'name' },
    defaulted: true,
  }) as const;

ruleCases(podAccountPullSecret, [
  {
    says: 'a Pod that has not been admitted will pull with the Secrets of its account',
    object: pod({ containers: [] }),
    refers: [{ ...pulling('default'), field: 'spec.serviceAccountName' }],
  },
  {
    says: 'a template’s Pods with those of theirs',
    object: cronJob({ serviceAccountName: 'robot' }),
    refers: [{ ...pulling('robot'), field: 'spec.jobTemplate.spec.template.spec.serviceAccountName', template: true }],
  },
  {
    says: 'a Pod with Secrets of its own is given none',
    object: pod({ imagePullSecrets: [{ name: 'mine' }] }),
    refers: [],
  },
  { says: 'a Pod that was admitted was given them', object: pod({ priority: 0 }), refers: [] },
]);

ruleCases(podNominatedNode, [
  {
    says: 'a Pod that waits for others to go is nominated for their Node',
    object: { ...pod(), status: { nominatedNodeName: 'n1' } },
    refers: [{ target: named('Node', 'n1'), field: 'status.nominatedNodeName' }],
  },
  {
    says: 'one that runs is where it runs',
    object: { ...pod({ nodeName: 'n2' }), status: { nominatedNodeName: 'n1' } },
    refers: [],
  },
  { says: 'most are nominated for none', object: pod(), refers: [] },
]);

const revised = (kind: string, hash: string) =>
  pod(
    {},
    {
      labels: { 'controller-revision-hash': hash },
      ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'web', uid: 'u', controller: true }],
    },
  );
const revision = (name: string) => ({
  target: { by: 'first', of: [{ by: 'name', type: 'ControllerRevision', namespace: 'shop', name }] } as const,
  field: 'metadata.labels["controller-revision-hash"]',
});

ruleCases(podControllerRevision, [
  {
    says: 'a StatefulSet writes its revision’s name',
    object: revised('StatefulSet', 'web-5d4'),
    refers: [revision('web-5d4')],
  },
  { says: 'a DaemonSet writes the hash alone', object: revised('DaemonSet', '5d4'), refers: [revision('web-5d4')] },
  {
    says: 'a Pod without a controller has no revision',
    object: pod({}, { labels: { 'controller-revision-hash': 'x' } }),
    refers: [],
  },
]);

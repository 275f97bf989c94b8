import { podTemplateLabels } from '../../../master/relations/pod-template.ts';
import { cronJob, deployment, object, pod, ruleCases } from '../../support/rule-cases.ts';

const containers = [{ name: 'main', image: 'nginx' }];
const template = { metadata: { labels: { app: 'web' } }, spec: { containers } };
const states = (labels: object, field = 'spec.template.metadata.labels') =>
  ({ states: { template: labels as { [key: string]: string } }, field }) as const;

const controlledBy = (apiVersion: string, kind: string) => ({
  ownerReferences: [{ apiVersion, kind, name: 'owner', uid: 'u', controller: true }],
});

ruleCases(podTemplateLabels, [
  {
    says: 'a StatefulSet is selected by the labels of its template',
    object: object('apps/v1', 'StatefulSet', { spec: { template } }),
    refers: [states({ app: 'web' })],
  },
  {
    says: 'a template without labels is selected by what asks for none',
    object: deployment({ containers }),
    refers: [states({})],
  },
  {
    says: 'a CronJob’s template lies deeper',
    object: cronJob({ containers }),
    refers: [states({}, 'spec.jobTemplate.spec.template.metadata.labels')],
  },
  {
    says: 'a PodTemplate is one',
    object: object('v1', 'PodTemplate', { template }),
    refers: [states({ app: 'web' }, 'template.metadata.labels')],
  },
  {
    says: 'the Job controller adds labels to those of the template',
    object: object('batch/v1', 'Job', { spec: { template } }),
    refers: [states({ app: 'web', 'batch.kubernetes.io/job-name': 'it', 'job-name': 'it' })],
  },
  {
    says: 'a custom kind with a template of Pods is selected as well',
    object: object('argoproj.io/v1alpha1', 'Rollout', { spec: { template } }),
    refers: [states({ app: 'web' })],
  },
  {
    says: 'a template of something else is none of Pods',
    object: object('kubevirt.io/v1', 'VirtualMachine', { spec: { template: { spec: { domain: {} } } } }),
    refers: [],
  },
  {
    says: 'a ReplicaSet says again what its Deployment says, and is not selected beside it',
    object: object('apps/v1', 'ReplicaSet', { spec: { template } }, controlledBy('apps/v1', 'Deployment')),
    refers: [],
  },
  {
    says: 'a StatefulSet that an operator made is the only one with its template',
    object: object('apps/v1', 'StatefulSet', { spec: { template } }, controlledBy('example.org/v1', 'Database')),
    refers: [states({ app: 'web' })],
  },
  { says: 'a Pod is not a template', object: pod({ containers }), refers: [] },
]);

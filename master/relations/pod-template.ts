// Pod templates: selectors of Pods select them too, so that manifests form a graph before they run.
import { isMadeOfTemplate, podSpecTypes, templateLabelsOf } from '../../src/pod-spec.ts';
import type { Rule } from './relation.ts';

export const podTemplateLabels = {
  name: 'pod-template-labels',
  relation: 'states',
  reads: podSpecTypes,
  source: [...podSpecTypes, '*'],
  target: ['*'],
  fields: [
    'spec.template.metadata.labels',
    'spec.jobTemplate.spec.template.metadata.labels',
    'template.metadata.labels',
  ],
  dependence: 'none',
  sentence:
    "A Pod template of any kind is selected by its labels, as its Pods will be. A copied template, such as that of a Deployment's ReplicaSet, is not.",
  infer(object, refer) {
    const template = isMadeOfTemplate(object) ? undefined : templateLabelsOf(object);
    if (template) refer({ states: { template }, field: fieldOf(object.kind) });
  },
} as const satisfies Rule;

function fieldOf(kind: string | undefined): string {
  if (kind === 'CronJob') return 'spec.jobTemplate.spec.template.metadata.labels';
  return kind === 'PodTemplate' ? 'template.metadata.labels' : 'spec.template.metadata.labels';
}

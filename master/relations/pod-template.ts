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
    'A template of Pods, of whatever kind, is selected as the Pods made of it will be; one that was copied from another, such as a ReplicaSet’s, is not.',
  infer(object, refer) {
    const template = isMadeOfTemplate(object) ? undefined : templateLabelsOf(object);
    if (template) refer({ states: { template }, field: fieldOf(object.kind) });
  },
} as const satisfies Rule;

function fieldOf(kind: string | undefined): string {
  if (kind === 'CronJob') return 'spec.jobTemplate.spec.template.metadata.labels';
  return kind === 'PodTemplate' ? 'template.metadata.labels' : 'spec.template.metadata.labels';
}

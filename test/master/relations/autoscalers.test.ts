import { horizontalPodAutoscalerScales, verticalPodAutoscalerScales } from '../../../master/relations/autoscalers.ts';
import type { Rule } from '../../../master/relations/relation.ts';
import { named, object, ruleCases } from '../../support/rule-cases.ts';

function casesOf(rule: Rule, apiVersion: string, kind: string, key: string): void {
  const autoscaler = (ref: unknown) => object(apiVersion, kind, { spec: { [key]: ref } });
  ruleCases(rule, [
    {
      says: 'it scales the workload it names',
      object: autoscaler({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }),
      refers: [{ target: named('Deployment', 'web', 'shop'), field: `spec.${key}` }],
    },
    {
      says: 'the group is checked: a Deployment of another group is another kind',
      object: autoscaler({ apiVersion: 'acme.io/v1', kind: 'Deployment', name: 'web' }),
      refers: [{ target: named('Deployment.acme.io', 'web', 'shop'), field: `spec.${key}` }],
    },
    {
      says: 'an apiVersion of old names the same kind',
      object: autoscaler({ apiVersion: 'extensions/v1beta1', kind: 'Deployment', name: 'web' }),
      refers: [{ target: named('Deployment', 'web', 'shop'), field: `spec.${key}` }],
    },
    { says: 'without a target it scales nothing', object: autoscaler(undefined), refers: [] },
  ]);
}

casesOf(horizontalPodAutoscalerScales, 'autoscaling/v2', 'HorizontalPodAutoscaler', 'scaleTargetRef');
casesOf(verticalPodAutoscalerScales, 'autoscaling.k8s.io/v1', 'VerticalPodAutoscaler', 'targetRef');

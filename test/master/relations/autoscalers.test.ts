import {
  horizontalPodAutoscalerMeasures,
  horizontalPodAutoscalerScales,
  verticalPodAutoscalerScales,
} from '../../../master/relations/autoscalers.ts';
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

const measuring = (metrics: unknown[], version = 'v2') =>
  object(`autoscaling/${version}`, 'HorizontalPodAutoscaler', { spec: { metrics } });

ruleCases(horizontalPodAutoscalerMeasures, [
  {
    says: 'an autoscaler measures the objects of its metrics',
    object: measuring([
      { type: 'Resource', resource: { name: 'cpu' } },
      {
        type: 'Object',
        object: { describedObject: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'web' } },
      },
    ]),
    refers: [{ target: named('Ingress', 'web', 'shop'), field: 'spec.metrics[1].object.describedObject' }],
  },
  {
    says: 'a custom kind is measured by its group',
    object: measuring([
      { object: { describedObject: { apiVersion: 'kafka.example.org/v1', kind: 'Topic', name: 't' } } },
    ]),
    refers: [
      { target: named('Topic.kafka.example.org', 't', 'shop'), field: 'spec.metrics[0].object.describedObject' },
    ],
  },
  {
    says: 'an older version calls it the target',
    object: measuring([{ object: { target: { apiVersion: 'v1', kind: 'Service', name: 'web' } } }], 'v2beta1'),
    refers: [{ target: named('Service', 'web', 'shop'), field: 'spec.metrics[0].object.target' }],
  },
  { says: 'metrics of Pods describe no object', object: measuring([{ type: 'Pods', pods: {} }]), refers: [] },
]);

// The workloads that autoscalers scale.
import { walkerOf } from '../../src/field-paths.ts';
import { isName, isRecord } from '../../src/fields.ts';
import { typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Reference, Rule } from './relation.ts';

/** Both group and kind of the target count: a Deployment of another group is another kind. */
function pointAt(object: KubernetesObject, key: string, refer: (reference: Reference) => void): void {
  const { spec } = object as { spec?: { readonly [field: string]: unknown } | null };
  const ref = spec?.[key];
  if (!isRecord(ref)) return;
  const { apiVersion, kind, name } = ref;
  if (!isName(kind) || !isName(name)) return;
  const type = typeOfReference(isName(apiVersion) ? apiVersion : undefined, kind);
  refer({ target: { by: 'name', type, namespace: object.metadata.namespace, name }, field: `spec.${key}` });
}

export const horizontalPodAutoscalerScales = {
  name: 'horizontal-pod-autoscaler-scales',
  relation: 'scales',
  reads: ['HorizontalPodAutoscaler'],
  source: ['HorizontalPodAutoscaler'],
  target: ['*'],
  fields: ['spec.scaleTargetRef'],
  dependence: 'none',
  sentence: 'A HorizontalPodAutoscaler scales the object named in spec.scaleTargetRef.',
  infer: (object, refer) => pointAt(object, 'scaleTargetRef', refer),
} as const satisfies Rule;

export const verticalPodAutoscalerScales = {
  name: 'vertical-pod-autoscaler-scales',
  relation: 'scales',
  reads: ['VerticalPodAutoscaler.autoscaling.k8s.io'],
  source: ['VerticalPodAutoscaler.autoscaling.k8s.io'],
  target: ['*'],
  fields: ['spec.targetRef'],
  dependence: 'none',
  sentence: 'A VerticalPodAutoscaler scales the object named in spec.targetRef.',
  infer: (object, refer) => pointAt(object, 'targetRef', refer),
} as const satisfies Rule;

const described = walkerOf('spec.metrics[].object.describedObject');
const describedBefore = walkerOf('spec.metrics[].object.target');

export const horizontalPodAutoscalerMeasures = {
  name: 'horizontal-pod-autoscaler-measures',
  relation: 'measures',
  reads: ['HorizontalPodAutoscaler'],
  source: ['HorizontalPodAutoscaler'],
  target: ['*'],
  fields: ['spec.metrics[].object.describedObject', 'spec.metrics[].object.target'],
  dependence: 'source',
  sentence: 'A HorizontalPodAutoscaler measures the objects described by its metrics.',
  infer(object, refer) {
    const { namespace } = object.metadata;
    const read = (ref: unknown, path: () => string) => {
      if (!isRecord(ref) || !isName(ref['kind']) || !isName(ref['name'])) return;
      const type = typeOfReference(isName(ref['apiVersion']) ? ref['apiVersion'] : undefined, ref['kind']);
      refer({ target: { by: 'name', type, namespace, name: ref['name'] }, field: path() });
    };
    described(object, read);
    describedBefore(object, read);
  },
} as const satisfies Rule;

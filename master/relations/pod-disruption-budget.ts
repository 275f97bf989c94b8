// The Pods a PodDisruptionBudget protects.
import { isFilled, isRecord } from '../../src/fields.ts';
import type { LabelSelector } from '../../src/model.ts';
import type { Rule } from './relation.ts';

export const podDisruptionBudgetProtects = {
  name: 'pod-disruption-budget-protects',
  relation: 'protects',
  reads: ['PodDisruptionBudget'],
  source: ['PodDisruptionBudget'],
  target: ['Pod'],
  fields: ['spec.selector'],
  dependence: 'none',
  sentence:
    'A PodDisruptionBudget protects the Pods of its namespace that its selector matches; an empty one matches all.',
  infer(object, refer) {
    const { spec } = object as { spec?: { selector?: unknown } | null };
    const namespace = object.metadata.namespace;
    const selector = spec?.selector;
    if (!namespace || !isRecord(selector) || isVoid(object.apiVersion, selector)) return;
    const target = {
      by: 'labels',
      type: 'Pod',
      namespaces: { in: [namespace] },
      selector: selector as LabelSelector,
    } as const;
    refer({ target, field: 'spec.selector' });
  },
} as const satisfies Rule;

/** In `policy/v1beta1` an empty selector matched nothing. */
function isVoid(apiVersion: string | undefined, selector: { readonly [field: string]: unknown }): boolean {
  return apiVersion === 'policy/v1beta1' && !isFilled(selector);
}

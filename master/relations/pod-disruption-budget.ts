// The Pods a PodDisruptionBudget protects.
import { isFilled, isRecord } from '../../src/fields.ts';
import type { LabelSelector } from '../../src/model.ts';
import type { Rule } from './relation.ts';
import { podsAndTemplates, selectPods } from './selecting.ts';

export const podDisruptionBudgetProtects = {
  name: 'pod-disruption-budget-protects',
  relation: 'protects',
  reads: ['PodDisruptionBudget'],
  source: ['PodDisruptionBudget'],
  target: podsAndTemplates,
  fields: ['spec.selector'],
  dependence: 'none',
  sentence:
    'A PodDisruptionBudget protects the unfinished Pods in its namespace that its selector matches. An empty selector matches all.',
  infer(object, refer) {
    const { spec } = object as { spec?: { selector?: unknown } | null };
    const namespace = object.metadata.namespace;
    const selector = spec?.selector;
    if (!namespace || !isRecord(selector) || isVoid(object.apiVersion, selector)) return;
    selectPods({ namespaces: { in: [namespace] }, selector: selector as LabelSelector, field: 'spec.selector' }, refer);
  },
} as const satisfies Rule;

/** In `policy/v1beta1` an empty selector matched nothing. */
function isVoid(apiVersion: string | undefined, selector: { readonly [field: string]: unknown }): boolean {
  return apiVersion === 'policy/v1beta1' && !isFilled(selector);
}

// Workloads whose selector misses the Pods of their own template.
import type { LabelSelector } from '../../src/model.ts';
import { compileSelector, type Labels } from '../graph/model/label-selector.ts';
import type { ResourceFindingRule } from './finding-rule.ts';
import { called, type Fields, fieldsAt, specOf } from './reading.ts';

export const selectorMissesTemplate = {
  name: 'selector-misses-template',
  group: 'workloads',
  class: 'broken',
  severity: 'high',
  tier: 'workloads',
  sentence:
    'The selector of a workload does not match the labels of its own template. The API server refuses this for built-in workloads, so it is found in files before they are applied.',
  remedy: 'Give the template the labels that the selector needs.',
  link: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector',
  types: ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Rollout.argoproj.io'],
  reads: [],
  of(workload, view) {
    // Its controller made it, and is looked at itself.
    if (workload.controlled || (refused.has(workload.type) && !view.isOfFiles())) return undefined;
    const spec = specOf(workload, view);
    const selector = fieldsAt(spec, 'selector');
    const template = fieldsAt(spec, 'template');
    if (Object.keys(selector).length === 0 || Object.keys(template).length === 0) return undefined;
    const { matches, invalid } = compileSelector(selector as LabelSelector);
    if (invalid !== undefined || matches(labelsOf(template))) return undefined;
    return {
      on: workload,
      field: 'spec.selector',
      sentence: `${called(workload)} has a selector that does not match the labels of its own template`,
    };
  },
} as const satisfies ResourceFindingRule;

/** The API server refuses such objects of these types, so that a live one need not be read. */
const refused: ReadonlySet<string> = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']);

function labelsOf(template: Fields): Labels {
  const labels = fieldsAt(fieldsAt(template, 'metadata'), 'labels');
  return Object.fromEntries(
    Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

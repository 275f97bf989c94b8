// What a Node runs: Pods, and runtime containers outside of Pods.
import { isName } from '../../src/fields.ts';
import type { Rule } from './relation.ts';

export const nodeRunsPod = {
  name: 'node-runs-pod',
  relation: 'runs',
  reads: ['Pod'],
  source: ['Node'],
  target: ['Pod'],
  fields: ['spec.nodeName'],
  dependence: 'target',
  sentence: 'A Node runs the Pods whose spec.nodeName names it.',
  infer(object, refer) {
    const { spec } = object as { spec?: { nodeName?: unknown } | null };
    const name = spec?.nodeName;
    if (isName(name)) refer({ source: { by: 'name', type: 'Node', name }, field: 'spec.nodeName' });
  },
} as const satisfies Rule;

export const nodeRunsContainer = {
  name: 'node-runs-container',
  relation: 'runs',
  reads: ['Container'],
  source: ['Node'],
  target: ['Container'],
  fields: ['metadata.node'],
  dependence: 'target',
  sentence: 'A Node runs the Containers of its runtime that belong to no Pod.',
  infer(object, refer) {
    const { node, pod } = object.metadata;
    if (isName(pod) || !isName(node)) return;
    refer({ source: { by: 'name', type: 'Node', name: node }, field: 'metadata.node' });
  },
} as const satisfies Rule;

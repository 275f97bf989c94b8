// The Nodes that a RuntimeClass restricts its Pods to.
import { isFilled } from '../../src/fields.ts';
import type { Rule } from './relation.ts';

export const runtimeClassRestrictedToNode = {
  name: 'runtime-class-restricted-to-node',
  relation: 'restrictedTo',
  reads: ['RuntimeClass'],
  source: ['RuntimeClass'],
  target: ['Node'],
  fields: ['scheduling.nodeSelector'],
  dependence: 'none',
  sentence: 'A RuntimeClass is restricted to the Nodes that its node selector matches.',
  infer(object, refer) {
    const { scheduling } = object as { scheduling?: { nodeSelector?: unknown } | null };
    const labels = scheduling?.nodeSelector;
    if (!isFilled(labels)) return;
    const selector = { matchLabels: labels as { readonly [key: string]: string } };
    const target = { by: 'labels', type: 'Node', namespaces: { all: true }, selector } as const;
    refer({ target, field: 'scheduling.nodeSelector' });
  },
} as const satisfies Rule;

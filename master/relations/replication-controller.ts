// A ReplicationController's Pods without owner references, by selector only.
import { isFilled } from '../../src/fields.ts';
import { finishedPhases } from '../../src/pod-spec.ts';
import type { Rule } from './relation.ts';

export const replicationControllerMonitorsPod = {
  name: 'replication-controller-monitors-pod',
  relation: 'monitors',
  reads: ['ReplicationController'],
  source: ['ReplicationController'],
  target: ['Pod'],
  fields: ['spec.selector', 'spec.template.metadata.labels'],
  dependence: 'target',
  sentence:
    'A ReplicationController monitors the Pods that its selector matches and that no controller owns. ' +
    'Without a selector, the labels of its template are the selector.',
  infer(object, refer) {
    const { spec } = object as { spec?: Spec | null };
    const namespace = object.metadata.namespace;
    if (!spec || !namespace) return;
    const own = isFilled(spec.selector);
    const matchLabels = own ? spec.selector : spec.template?.metadata?.labels;
    if (!isFilled(matchLabels)) return;
    const target = {
      by: 'labels',
      type: 'Pod',
      namespaces: { in: [namespace] },
      selector: { matchLabels: matchLabels as { readonly [key: string]: string } },
      orphansOnly: true,
      phaseNot: finishedPhases,
    } as const;
    refer({ target, field: own ? 'spec.selector' : 'spec.template.metadata.labels' });
  },
} as const satisfies Rule;

interface Spec {
  readonly selector?: unknown;
  readonly template?: { readonly metadata?: { readonly labels?: unknown } };
}

// Kyverno, Gatekeeper and the reports of policies: what they are about.
import type { Declaration } from '../declaration.ts';

const kyverno = ['ClusterPolicy.kyverno.io', 'Policy.kyverno.io'];
const scopes = ['match.any[].resources', 'match.all[].resources', 'match.resources'];
const constraint = '*.constraints.gatekeeper.sh';
const reports = [
  'PolicyReport.wgpolicyk8s.io',
  'ClusterPolicyReport.wgpolicyk8s.io',
  'EphemeralReport.reports.kyverno.io',
  'ClusterEphemeralReport.reports.kyverno.io',
];

export const policies: readonly Declaration[] = [
  {
    from: kyverno,
    name: scopes.map((path) => `spec.rules[].${path}.namespaces[]`),
    to: 'Namespace',
    relation: 'guards',
    depends: 'none',
  },
  {
    from: kyverno,
    selector: scopes.map((path) => `spec.rules[].${path}.namespaceSelector`),
    to: 'Namespace',
    namespace: 'all',
    relation: 'guards',
  },
  { from: kyverno, name: 'spec.rules[].context[].configMap', to: 'ConfigMap' },
  {
    from: kyverno,
    ref: 'spec.rules[].generate.clone',
    to: 'Secret',
    relation: 'createdFrom',
    when: { field: '..kind', equals: 'Secret' },
  },
  {
    from: kyverno,
    ref: 'spec.rules[].generate.clone',
    to: 'ConfigMap',
    relation: 'createdFrom',
    when: { field: '..kind', equals: 'ConfigMap' },
  },
  { from: kyverno, without: ['references', 'names', 'templates'] },
  { from: constraint, name: 'spec.match.namespaces[]', to: 'Namespace', relation: 'guards', depends: 'none' },
  { from: constraint, selector: 'spec.match.namespaceSelector', to: 'Namespace', namespace: 'all', relation: 'guards' },
  { from: constraint, ref: 'status.violations[]', relation: 'reports', depends: 'none', namespace: 'either' },
  { from: reports, ref: ['scope', 'results[].resources[]'], relation: 'reports', depends: 'none', namespace: 'either' },
  {
    from: reports,
    name: 'results[].policy',
    to: 'ClusterPolicy.kyverno.io',
    present: true,
    depends: 'none',
    when: { field: '.source', in: ['kyverno', 'Kyverno'] },
  },
];

// Kyverno, Gatekeeper and the reports of policies: what they are about.
import type { Declaration } from '../declaration.ts';

const kyverno = ['ClusterPolicy.kyverno.io', 'Policy.kyverno.io'];
const scopes = ['match.any[].resources', 'match.all[].resources', 'match.resources'];
const constraint = '*.constraints.gatekeeper.sh';
const reports = ['PolicyReport.wgpolicyk8s.io', 'ClusterPolicyReport.wgpolicyk8s.io'];
const kyvernoReports = ['EphemeralReport.reports.kyverno.io', 'ClusterEphemeralReport.reports.kyverno.io'];
const cleanups = ['CleanupPolicy.kyverno.io', 'ClusterCleanupPolicy.kyverno.io'];
const mutations = ['Assign', 'AssignMetadata', 'AssignImage', 'ModifySet'].map(
  (kind) => `${kind}.mutations.gatekeeper.sh`,
);
const newPolicies = [
  'ValidatingPolicy',
  'MutatingPolicy',
  'GeneratingPolicy',
  'ImageValidatingPolicy',
  'DeletingPolicy',
].map((kind) => `${kind}.policies.kyverno.io`);

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
  {
    from: kyverno,
    name: [
      'spec.rules[].verifyImages[].attestors[].entries[].keys.secret',
      'spec.rules[].validate.manifests.attestors[].entries[].keys.secret',
    ],
    to: 'Secret',
    when: { field: '.namespace', exists: true },
  },
  {
    from: 'ClusterPolicy.kyverno.io',
    name: [
      'spec.rules[].verifyImages[].imageRegistryCredentials.secrets[]',
      'spec.rules[].context[].imageRegistry.imageRegistryCredentials.secrets[]',
    ],
    texts: true,
    to: 'Secret',
    otherwise: 'kyverno',
    guess: true,
  },
  {
    from: cleanups,
    name: ['spec.match.any[].resources.namespaces[]', 'spec.match.all[].resources.namespaces[]'],
    to: 'Namespace',
    relation: 'guards',
    depends: 'none',
  },
  { from: cleanups, name: 'spec.context[].configMap', to: 'ConfigMap' },
  {
    from: 'PolicyException.kyverno.io',
    name: 'spec.exceptions[].policyName',
    form: '{namespace}/{name}',
    to: 'Policy.kyverno.io',
    relation: 'attachedTo',
    depends: 'none',
  },
  {
    from: 'PolicyException.kyverno.io',
    name: 'spec.exceptions[].policyName',
    to: 'ClusterPolicy.kyverno.io',
    relation: 'attachedTo',
    depends: 'none',
  },
  {
    from: newPolicies,
    selector: 'spec.matchConstraints.namespaceSelector',
    to: 'Namespace',
    namespace: 'all',
    relation: 'guards',
  },
  { from: [...kyverno, ...cleanups], without: ['references', 'names', 'templates'] },
  {
    from: [constraint, ...mutations],
    name: 'spec.match.namespaces[]',
    to: 'Namespace',
    relation: 'guards',
    depends: 'none',
  },
  {
    from: [constraint, ...mutations],
    selector: 'spec.match.namespaceSelector',
    to: 'Namespace',
    namespace: 'all',
    relation: 'guards',
  },
  { from: constraint, ref: 'status.violations[]', relation: 'reports', depends: 'none', namespace: 'either' },
  { from: reports, ref: ['scope', 'results[].resources[]'], relation: 'reports', depends: 'none', namespace: 'either' },
  {
    from: kyvernoReports,
    ref: 'spec.owner',
    relation: 'reports',
    depends: 'none',
    namespace: 'either',
  },
  {
    from: reports,
    name: 'results[].policy',
    to: 'ClusterPolicy.kyverno.io',
    present: true,
    depends: 'none',
    when: { field: '.source', in: ['kyverno', 'Kyverno'] },
  },
];

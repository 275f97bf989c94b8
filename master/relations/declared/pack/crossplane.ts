// Crossplane, version 1 and 2. Composites and claims are of any group: their own fields tell them.
import type { Declaration } from '../declaration.ts';

const composition = 'Composition.apiextensions.crossplane.io';
const revision = 'CompositionRevision.apiextensions.crossplane.io';
const composed = { field: 'spec.compositionRef', exists: true } as const;
const modern = { field: 'spec.crossplane', exists: true } as const;
const operations = ['Operation', 'CronOperation', 'WatchOperation'].map((kind) => `${kind}.ops.crossplane.io`);
const pipelines = ['spec.pipeline[]', 'spec.operationTemplate.spec.pipeline[]'];
const packages = [
  'Provider',
  'Configuration',
  'Function',
  'ProviderRevision',
  'ConfigurationRevision',
  'FunctionRevision',
].map((kind) => `${kind}.pkg.crossplane.io`);

export const crossplane: readonly Declaration[] = [
  {
    from: '*.*',
    ref: 'spec.resourceRefs[]',
    relation: 'owns',
    depends: 'target',
    when: composed,
    namespace: 'either',
    sentence: 'A Crossplane composite resource owns the resources it is composed of.',
  },
  {
    from: '*.*',
    ref: 'spec.crossplane.resourceRefs[]',
    relation: 'owns',
    depends: 'target',
    namespace: 'either',
    sentence: 'A Crossplane 2 composite resource owns the resources it is composed of.',
  },
  {
    from: '*.*',
    ref: 'spec.claimRef',
    relation: 'owns',
    reverse: true,
    depends: 'target',
    when: composed,
    sentence: 'A Crossplane claim owns the composite resource whose spec.claimRef names it.',
  },
  {
    from: '*.*',
    ref: 'spec.resourceRef',
    relation: 'owns',
    depends: 'target',
    when: composed,
    namespace: 'none',
    sentence: 'A Crossplane claim owns the composite resource, which is cluster-scoped, named in spec.resourceRef.',
  },
  { from: '*.*', name: ['spec.compositionRef', 'spec.crossplane.compositionRef'], to: composition, namespace: 'none' },
  {
    from: '*.*',
    name: ['spec.compositionRevisionRef', 'spec.crossplane.compositionRevisionRef'],
    to: revision,
    namespace: 'none',
    depends: 'none',
  },
  {
    from: '*.*',
    name: 'spec.writeConnectionSecretToRef',
    to: 'Secret',
    relation: 'issues',
    depends: 'target',
    sentence: 'A Crossplane resource issues the Secret that it writes its connection details to.',
  },
  {
    from: '*.*',
    name: 'spec.crossplane.writeConnectionSecretToRef',
    to: 'Secret',
    relation: 'issues',
    depends: 'target',
    when: modern,
  },
  {
    from: [composition, revision, ...operations],
    name: pipelines.map((path) => `${path}.functionRef`),
    to: 'Function.pkg.crossplane.io',
    namespace: 'none',
  },
  {
    from: [composition, revision, ...operations],
    name: pipelines.map((path) => `${path}.credentials[].secretRef`),
    to: 'Secret',
  },
  {
    from: 'CompositeResourceDefinition.apiextensions.crossplane.io',
    name: ['spec.defaultCompositionRef', 'spec.enforcedCompositionRef'],
    to: composition,
    namespace: 'none',
  },
  {
    from: [
      'Usage.protection.crossplane.io',
      'ClusterUsage.protection.crossplane.io',
      'Usage.apiextensions.crossplane.io',
    ],
    ref: ['spec.of', 'spec.by'],
    fields: { name: 'resourceRef.name', namespace: 'resourceRef.namespace' },
    relation: 'protects',
    depends: 'none',
    namespace: 'either',
    sentence: 'A Crossplane Usage protects the resource named in spec.of from deletion while it is in use.',
  },
  { from: packages, name: 'spec.runtimeConfigRef', to: 'DeploymentRuntimeConfig.pkg.crossplane.io', namespace: 'none' },
  { from: packages, name: 'spec.packagePullSecrets[]', to: 'Secret', otherwise: 'crossplane-system', guess: true },
  {
    from: ['Provider.pkg.crossplane.io', 'Configuration.pkg.crossplane.io', 'Function.pkg.crossplane.io'],
    without: ['references'],
  },
];

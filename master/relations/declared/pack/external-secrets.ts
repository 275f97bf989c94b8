// external-secrets and Sealed Secrets: what makes Secrets, and of what.
import type { Declaration } from '../declaration.ts';

const group = 'external-secrets.io';
const external = `ExternalSecret.${group}`;
const store = { to: `SecretStore.${group}`, group, relation: 'uses', namespace: 'own' } as const;
const stores = ['secretStoreRef', 'data[].sourceRef.storeRef', 'dataFrom[].sourceRef.storeRef'];

export const externalSecrets: readonly Declaration[] = [
  { from: external, ref: stores.map((path) => `spec.${path}`), ...store },
  {
    from: external,
    ref: ['spec.data[].sourceRef.generatorRef', 'spec.dataFrom[].sourceRef.generatorRef'],
    group: 'generators.external-secrets.io',
    relation: 'uses',
    namespace: 'own',
  },
  { from: external, name: 'spec.target.name', to: 'Secret', relation: 'issues', depends: 'target' },
  {
    from: external,
    name: 'metadata.name',
    to: 'Secret',
    relation: 'issues',
    depends: 'target',
    when: { field: 'spec.target.name', exists: false },
    sentence: 'An ExternalSecret that names no target issues the Secret of its own name.',
  },
  {
    from: external,
    ref: 'spec.target.template.templateFrom[].configMap',
    to: 'ConfigMap',
    relation: 'uses',
    namespace: 'own',
  },
  {
    from: external,
    ref: 'spec.target.template.templateFrom[].secret',
    to: 'Secret',
    relation: 'uses',
    namespace: 'own',
  },
  {
    from: `ClusterExternalSecret.${group}`,
    ref: stores.map((path) => `spec.externalSecretSpec.${path}`),
    to: `ClusterSecretStore.${group}`,
    group,
    relation: 'uses',
    when: { field: '.kind', equals: 'ClusterSecretStore' },
  },
  {
    from: `ClusterExternalSecret.${group}`,
    selector: ['spec.namespaceSelector', 'spec.namespaceSelectors[]'],
    to: 'Namespace',
    namespace: 'all',
    relation: 'deploysTo',
  },
  { from: `PushSecret.${group}`, ref: 'spec.secretStoreRefs[]', ...store },
  { from: `PushSecret.${group}`, name: 'spec.selector.secret', to: 'Secret' },
  {
    from: 'SealedSecret.bitnami.com',
    name: 'metadata.name',
    to: 'Secret',
    relation: 'issues',
    depends: 'target',
    sentence: 'A SealedSecret issues the Secret of its own name.',
  },
];

// external-secrets and Sealed Secrets: objects that create Secrets, and their sources.
import type { Declaration } from '../declaration.ts';

const group = 'external-secrets.io';
const external = `ExternalSecret.${group}`;
const store = { to: `SecretStore.${group}`, group, relation: 'uses', namespace: 'own' } as const;
const stores = ['secretStoreRef', 'data[].sourceRef.storeRef', 'dataFrom[].sourceRef.storeRef'];

const backends = [`SecretStore.${group}`, `ClusterSecretStore.${group}`];
/** Providers are many, and alike in how they name the Secrets that they sign in with: `{}` is each of them. */
const credentials = [
  ...['auth.secretRef{}', 'auth.SecretRef{}', 'authSecretRef{}', 'authSecretRef.secretRef{}', 'auth{}.secretRef'],
  ...[
    'auth{}.secretRef{}',
    'auth.tokenSecretRef',
    'auth.appRole.roleRef',
    'auth.cert.clientCert',
    'auth.cert.clientKey',
  ],
  ...['auth.token.bearerToken', 'auth.privateKey', 'authRef', 'tls.certSecretRef', 'tls.keySecretRef'],
].map((path) => `spec.provider{}.${path}`);

export const externalSecrets: readonly Declaration[] = [
  {
    from: backends,
    ref: credentials,
    to: 'Secret',
    relation: 'uses',
    sentence:
      'A SecretStore uses the Secrets with its credentials. For a ClusterSecretStore only references with a namespace count.',
  },
  {
    from: backends,
    ref: ['spec.provider{}.caProvider', 'spec.provider{}.server.caProvider'],
    fields: { kind: 'type' },
    relation: 'uses',
  },
  {
    from: backends,
    name: [
      'spec.provider{}.serviceAccountRef',
      'spec.provider{}.auth.serviceAccount',
      'spec.provider{}.auth{}.serviceAccountRef',
      'spec.provider{}.auth{}{}.serviceAccountRef',
    ],
    to: 'ServiceAccount',
  },
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
    sentence: 'An ExternalSecret without a target name issues the Secret of the same name.',
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
  {
    from: `ClusterExternalSecret.${group}`,
    name: 'spec.namespaces[]',
    to: 'Namespace',
    relation: 'deploysTo',
    depends: 'none',
  },
  {
    from: `ClusterPushSecret.${group}`,
    ref: 'spec.pushSecretSpec.secretStoreRefs[]',
    to: `ClusterSecretStore.${group}`,
    group,
    relation: 'uses',
    when: { field: '.kind', equals: 'ClusterSecretStore' },
  },
  {
    from: `ClusterPushSecret.${group}`,
    selector: 'spec.namespaceSelectors[]',
    to: 'Namespace',
    namespace: 'all',
    relation: 'selects',
  },
  { from: `PushSecret.${group}`, ref: ['spec.secretStoreRefs[]', 'spec.dataTo[].storeRef'], ...store },
  {
    from: `PushSecret.${group}`,
    ref: 'spec.selector.generatorRef',
    group: 'generators.external-secrets.io',
    relation: 'uses',
    namespace: 'own',
  },
  { from: `PushSecret.${group}`, name: 'spec.selector.secret', to: 'Secret' },
  {
    from: 'SealedSecret.bitnami.com',
    name: 'metadata.name',
    to: 'Secret',
    relation: 'issues',
    depends: 'target',
    sentence: 'A SealedSecret issues the Secret of the same name.',
  },
];

// Flux: sources, what is made of them, and what that made. With `spec.kubeConfig` it is made in another cluster.
import type { Declaration } from '../declaration.ts';

const helmRelease = 'HelmRelease.helm.toolkit.fluxcd.io';
const kustomization = 'Kustomization.kustomize.toolkit.fluxcd.io';
const group = 'source.toolkit.fluxcd.io';
const sources = ['GitRepository', 'OCIRepository', 'HelmRepository', 'HelmChart', 'Bucket'].map(
  (kind) => `${kind}.${group}`,
);
const here = { field: 'spec.kubeConfig', exists: false } as const;
const images = 'image.toolkit.fluxcd.io';
const notifiers = ['Provider', 'Receiver'].map((kind) => `${kind}.notification.toolkit.fluxcd.io`);

export const flux: readonly Declaration[] = [
  { from: [helmRelease, kustomization], without: ['references'] },
  { from: helmRelease, ref: ['spec.chart.spec.sourceRef', 'spec.chartRef'], group, relation: 'createdFrom' },
  { from: helmRelease, ref: 'spec.valuesFrom[]', relation: 'uses', namespace: 'own', optional: '.optional' },
  { from: helmRelease, ref: 'spec.dependsOn[]', to: helmRelease, relation: 'dependsOn' },
  { from: kustomization, ref: 'spec.sourceRef', group, relation: 'createdFrom' },
  { from: kustomization, ref: 'spec.dependsOn[]', to: kustomization, relation: 'dependsOn' },
  {
    from: kustomization,
    ref: 'spec.postBuild.substituteFrom[]',
    relation: 'uses',
    namespace: 'own',
    optional: '.optional',
  },
  { from: kustomization, ref: 'spec.healthChecks[]', relation: 'measures', depends: 'none', when: here },
  {
    from: kustomization,
    ref: 'status.inventory.entries[].id',
    form: '{namespace}_{name}_{group}_{kind}',
    relation: 'contains',
    depends: 'target',
    when: here,
    limit: 5000,
    sentence: 'A Flux Kustomization contains the objects in its inventory, unless it applies to another cluster.',
  },
  {
    from: [helmRelease, kustomization],
    name: ['spec.kubeConfig.secretRef', 'spec.decryption.secretRef'],
    to: 'Secret',
    namespace: 'own',
  },
  { from: [helmRelease, kustomization], name: 'spec.kubeConfig.configMapRef', to: 'ConfigMap', namespace: 'own' },
  {
    from: [helmRelease, kustomization],
    name: 'spec.serviceAccountName',
    to: 'ServiceAccount',
    relation: 'runsAs',
    namespace: 'own',
  },
  {
    from: [helmRelease, kustomization],
    name: 'spec.targetNamespace',
    to: 'Namespace',
    relation: 'deploysTo',
    when: here,
  },
  {
    from: '*',
    label: 'kustomize.toolkit.fluxcd.io/name',
    namespaceKey: 'kustomize.toolkit.fluxcd.io/namespace',
    to: kustomization,
  },
  {
    from: '*',
    label: 'helm.toolkit.fluxcd.io/name',
    namespaceKey: 'helm.toolkit.fluxcd.io/namespace',
    to: helmRelease,
  },
  { from: `HelmChart.${group}`, ref: 'spec.sourceRef', group, relation: 'createdFrom', namespace: 'own' },
  { from: `GitRepository.${group}`, name: 'spec.include[].repository', to: `GitRepository.${group}` },
  {
    from: [...sources, `ImageRepository.${images}`, ...notifiers],
    name: ['spec.secretRef', 'spec.certSecretRef', 'spec.proxySecretRef', 'spec.verify.secretRef'],
    to: 'Secret',
    namespace: 'own',
  },
  {
    from: [...sources, `ImageRepository.${images}`],
    name: 'spec.serviceAccountName',
    to: 'ServiceAccount',
    relation: 'runsAs',
  },
  {
    from: [...sources, `ImageRepository.${images}`],
    selector: 'spec.accessFrom.namespaceSelectors[]',
    to: 'Namespace',
    namespace: 'all',
    empty: 'all',
    relation: 'allowsFrom',
  },
  { from: helmRelease, name: 'spec.chart.spec.verify.secretRef', to: 'Secret', namespace: 'own' },
  {
    from: `ImageUpdateAutomation.${images}`,
    selector: 'spec.policySelector',
    to: `ImagePolicy.${images}`,
    relation: 'uses',
  },
  { from: `ImagePolicy.${images}`, name: 'spec.imageRepositoryRef', to: `ImageRepository.${images}` },
  { from: `ImageUpdateAutomation.${images}`, ref: 'spec.sourceRef', to: `GitRepository.${group}`, group },
  {
    from: 'Alert.notification.toolkit.fluxcd.io',
    name: 'spec.providerRef',
    to: 'Provider.notification.toolkit.fluxcd.io',
  },
  ...['Alert', 'Receiver'].flatMap((kind): Declaration[] =>
    (
      [
        ['Kustomization', kustomization],
        ['HelmRelease', helmRelease],
        ...sources.map((type) => [type.split('.')[0], type] as const),
      ] as const
    ).map(([named, to]) => ({
      from: `${kind}.notification.toolkit.fluxcd.io`,
      name: kind === 'Alert' ? 'spec.eventSources[]' : 'spec.resources[]',
      to,
      depends: 'none',
      relation: 'measures',
      when: { field: '.kind', equals: named ?? '' },
    })),
  ),
];

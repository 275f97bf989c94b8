// The Operator Lifecycle Manager.
import type { Declaration } from '../declaration.ts';

const group = 'operators.coreos.com';
const version = `ClusterServiceVersion.${group}`;
const catalog = `CatalogSource.${group}`;
const subscription = `Subscription.${group}`;

export const olm: readonly Declaration[] = [
  { from: subscription, name: 'spec.source', to: catalog, namespace: 'spec.sourceNamespace', relation: 'createdFrom' },
  {
    from: subscription,
    name: ['status.installedCSV', 'status.currentCSV'],
    to: version,
    namespace: 'own',
    relation: 'owns',
    depends: 'target',
  },
  {
    from: subscription,
    ref: ['status.installPlanRef', 'status.installplan'],
    group,
    relation: 'owns',
    depends: 'target',
  },
  {
    from: `InstallPlan.${group}`,
    name: 'spec.clusterServiceVersionNames[]',
    to: version,
    namespace: 'own',
    relation: 'owns',
    depends: 'target',
  },
  {
    from: version,
    name: 'spec.customresourcedefinitions.owned[].name',
    to: 'CustomResourceDefinition',
    relation: 'serves',
    depends: 'target',
  },
  { from: version, name: 'spec.customresourcedefinitions.required[].name', to: 'CustomResourceDefinition' },
  {
    from: version,
    name: ['spec.install.spec.deployments[].name'],
    to: 'Deployment',
    relation: 'owns',
    depends: 'target',
  },
  {
    from: version,
    name: [
      'spec.install.spec.permissions[].serviceAccountName',
      'spec.install.spec.clusterPermissions[].serviceAccountName',
    ],
    to: 'ServiceAccount',
  },
  { from: version, without: ['references'] },
  {
    from: `OperatorGroup.${group}`,
    name: 'spec.targetNamespaces[]',
    to: 'Namespace',
    relation: 'deploysTo',
    depends: 'none',
  },
  { from: `OperatorGroup.${group}`, name: 'spec.serviceAccountName', to: 'ServiceAccount', relation: 'runsAs' },
  { from: catalog, name: 'spec.secrets[]', to: 'Secret', texts: true },
  { from: catalog, name: 'spec.configMap', to: 'ConfigMap' },
  {
    from: catalog,
    name: 'status.registryService.serviceName',
    to: 'Service',
    namespace: '.serviceNamespace',
    relation: 'calls',
  },
  {
    from: `OperatorGroup.${group}`,
    selector: 'spec.selector',
    to: 'Namespace',
    namespace: 'all',
    relation: 'deploysTo',
  },
  { from: `OperatorCondition.${group}`, name: 'spec.serviceAccounts[]', to: 'ServiceAccount', depends: 'none' },
  {
    from: `OperatorCondition.${group}`,
    name: 'spec.deployments[]',
    to: 'Deployment',
    relation: 'measures',
    depends: 'none',
  },
  {
    from: version,
    name: ['spec.webhookdefinitions[].deploymentName', 'spec.apiservicedefinitions.owned[].deploymentName'],
    to: 'Deployment',
    relation: 'calls',
  },
  {
    from: '*',
    label: 'olm.owner',
    namespaceKey: 'olm.owner.namespace',
    to: version,
    relation: 'owns',
    when: { field: 'metadata.labels["olm.owner.kind"]', equals: 'ClusterServiceVersion' },
  },
  {
    from: `Operator.${group}`,
    ref: 'status.components.refs[]',
    relation: 'contains',
    depends: 'target',
    namespace: 'either',
  },
];

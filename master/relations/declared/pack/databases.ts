// Operators of data: Strimzi and CloudNativePG.
import type { Declaration } from '../declaration.ts';

const strimzi = 'kafka.strimzi.io';
const kafka = `Kafka.${strimzi}`;
const cnpg = 'postgresql.cnpg.io';
const cluster = `Cluster.${cnpg}`;
const s3 = [
  's3Credentials.accessKeyId',
  's3Credentials.secretAccessKey',
  'azureCredentials.storageKey',
  'googleCredentials.applicationCredentials',
  'endpointCA',
];
const connects = ['KafkaConnect', 'KafkaBridge', 'KafkaMirrorMaker2'].map((kind) => `${kind}.${strimzi}`);

export const databases: readonly Declaration[] = [
  {
    from: ['KafkaTopic', 'KafkaUser', 'KafkaNodePool', 'KafkaRebalance'].map((kind) => `${kind}.${strimzi}`),
    label: 'strimzi.io/cluster',
    to: kafka,
  },
  { from: `KafkaConnector.${strimzi}`, label: 'strimzi.io/cluster', to: `KafkaConnect.${strimzi}` },
  {
    from: ['Pod', `StrimziPodSet.core.strimzi.io`],
    label: 'strimzi.io/cluster',
    to: kafka,
    when: { field: 'metadata.labels["strimzi.io/kind"]', equals: 'Kafka' },
  },
  { from: `KafkaUser.${strimzi}`, name: 'status.secret', to: 'Secret', relation: 'issues', depends: 'target' },
  { from: connects, host: ['spec.bootstrapServers', 'spec.clusters[].bootstrapServers'], relation: 'calls' },
  {
    from: connects,
    name: [
      'spec.tls.trustedCertificates[].secretName',
      'spec.clusters[].tls.trustedCertificates[].secretName',
      'spec.authentication.certificateAndKey.secretName',
      'spec.authentication.passwordSecret.secretName',
    ],
    to: 'Secret',
  },
  {
    from: [kafka, `KafkaNodePool.${strimzi}`],
    name: [
      'spec.kafka.storage.class',
      'spec.kafka.storage.volumes[].class',
      'spec.zookeeper.storage.class',
      'spec.storage.class',
      'spec.storage.volumes[].class',
    ],
    to: 'StorageClass',
  },
  { from: kafka, name: ['spec.kafka.listeners[].configuration.brokerCertChainAndKey.secretName'], to: 'Secret' },
  {
    from: kafka,
    name: ['spec.kafka.metricsConfig.valueFrom.configMapKeyRef', 'spec.kafka.logging.valueFrom.configMapKeyRef'],
    to: 'ConfigMap',
  },
  {
    from: cluster,
    name: [
      'spec.superuserSecret',
      'spec.bootstrap.initdb.secret',
      'spec.bootstrap.recovery.secret',
      'spec.bootstrap.pg_basebackup.secret',
      'spec.managed.roles[].passwordSecret',
      'spec.certificates.serverCASecret',
      'spec.certificates.serverTLSSecret',
      'spec.certificates.clientCASecret',
      'spec.certificates.replicationTLSSecret',
      'spec.imagePullSecrets[]',
      'spec.externalClusters[].password',
      ...s3.map((path) => `spec.backup.barmanObjectStore.${path}`),
      ...s3.map((path) => `spec.externalClusters[].barmanObjectStore.${path}`),
    ],
    to: 'Secret',
  },
  {
    from: cluster,
    name: ['spec.storage.storageClass', 'spec.walStorage.storageClass', 'spec.tablespaces[].storage.storageClass'],
    to: 'StorageClass',
  },
  { from: cluster, name: 'spec.bootstrap.recovery.backup', to: `Backup.${cnpg}`, relation: 'createdFrom' },
  { from: cluster, ref: 'spec.imageCatalogRef', group: cnpg, relation: 'uses' },
  {
    from: cluster,
    name: [
      'spec.monitoring.customQueriesConfigMap[]',
      'spec.bootstrap.initdb.postInitApplicationSQLRefs.configMapRefs[]',
    ],
    to: 'ConfigMap',
  },
  {
    from: cluster,
    name: ['status.currentPrimary', 'status.targetPrimary'],
    to: 'Pod',
    relation: 'refersTo',
    depends: 'none',
  },
  {
    from: ['Backup', 'ScheduledBackup', 'Pooler', 'Database', 'Publication', 'Subscription'].map(
      (kind) => `${kind}.${cnpg}`,
    ),
    name: 'spec.cluster',
    to: cluster,
  },
  { from: `Pooler.${cnpg}`, name: 'spec.pgbouncer.authQuerySecret', to: 'Secret' },
];

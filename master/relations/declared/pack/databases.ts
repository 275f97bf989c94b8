// Operators of data: Strimzi and CloudNativePG.
import type { Declaration } from '../declaration.ts';

const strimzi = 'kafka.strimzi.io';
const kafka = `Kafka.${strimzi}`;
const cnpg = 'postgresql.cnpg.io';
const cluster = `Cluster.${cnpg}`;
/** Each field of theirs names a key of a Secret. */
const s3 = ['s3Credentials{}', 'azureCredentials{}', 'googleCredentials{}', 'endpointCA'];
/** Before version 1 of its API MirrorMaker 2 had a list of clusters, and names in it. */
const places = ['spec', 'spec.clusters[]', 'spec.target', 'spec.mirrors[].source'];
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
  {
    from: `KafkaUser.${strimzi}`,
    name: 'status.secret',
    to: 'Secret',
    texts: true,
    relation: 'issues',
    depends: 'target',
  },
  { from: connects, host: places.map((path) => `${path}.bootstrapServers`), relation: 'calls' },
  {
    from: connects,
    name: places.flatMap((path) => [
      `${path}.tls.trustedCertificates[].secretName`,
      `${path}.authentication.certificateAndKey.secretName`,
      `${path}.authentication.passwordSecret.secretName`,
    ]),
    to: 'Secret',
  },
  {
    from: `KafkaConnect.${strimzi}`,
    name: ['spec.build.output.pushSecret', 'spec.template.buildConfig.pullSecret'],
    to: 'Secret',
    texts: true,
  },
  {
    from: kafka,
    name: 'spec.cruiseControl.autoRebalance[].template',
    to: `KafkaRebalance.${strimzi}`,
    depends: 'none',
  },
  {
    from: kafka,
    host: 'spec.kafka.listeners[].configuration.bootstrap.host',
    served: true,
    relation: 'serves',
    depends: 'target',
  },
  { from: 'KafkaAccess.access.strimzi.io', name: 'spec.kafka', to: kafka },
  {
    from: 'KafkaAccess.access.strimzi.io',
    ref: 'spec.user',
    group: strimzi,
    to: `KafkaUser.${strimzi}`,
    relation: 'uses',
  },
  {
    from: 'KafkaAccess.access.strimzi.io',
    name: 'status.binding',
    to: 'Secret',
    relation: 'issues',
    depends: 'target',
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
      'spec.imagePullSecrets[]',
      ...['password', 'sslCert', 'sslKey', 'sslRootCert'].map((path) => `spec.externalClusters[].${path}`),
      'spec.postgresql.ldap.bindSearchAuth.bindPassword',
      'spec.monitoring.customQueriesSecret[]',
    ],
    to: 'Secret',
  },
  {
    from: cluster,
    name: ['spec', 'status'].flatMap((part) =>
      ['serverCASecret', 'serverTLSSecret', 'clientCASecret', 'replicationTLSSecret'].map(
        (field) => `${part}.certificates.${field}`,
      ),
    ),
    to: 'Secret',
    texts: true,
  },
  {
    from: cluster,
    ref: ['spec.backup', 'spec.externalClusters[]'].flatMap((path) =>
      s3.map((field) => `${path}.barmanObjectStore.${field}`),
    ),
    to: 'Secret',
    relation: 'uses',
  },
  {
    from: cluster,
    name: ['spec.storage.storageClass', 'spec.walStorage.storageClass', 'spec.tablespaces[].storage.storageClass'],
    to: 'StorageClass',
  },
  {
    from: cluster,
    name: ['className', 'walClassName', 'tablespaceClassName{}'].map((path) => `spec.backup.volumeSnapshot.${path}`),
    to: 'VolumeSnapshotClass.snapshot.storage.k8s.io',
    namespace: 'none',
  },
  {
    from: cluster,
    name: ['spec.plugins[]', 'spec.externalClusters[].plugin'].map((path) => `${path}.parameters.barmanObjectName`),
    to: 'ObjectStore.barmancloud.cnpg.io',
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
    from: ['Backup', 'ScheduledBackup', 'Pooler', 'Database', 'DatabaseRole', 'Publication', 'Subscription'].map(
      (kind) => `${kind}.${cnpg}`,
    ),
    name: 'spec.cluster',
    to: cluster,
  },
  { from: `Pooler.${cnpg}`, name: 'spec.pgbouncer.authQuerySecret', to: 'Secret' },
  { from: `DatabaseRole.${cnpg}`, name: 'spec.passwordSecret', to: 'Secret' },
];

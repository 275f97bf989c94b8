// Namespace `data`: databases with claims, an old controller that finds its Pods by label only, jobs, and a Service with
// manual endpoints.
import type { KubernetesObject } from '../../model.ts';
import { make } from './make.ts';
import { demoNodes } from './nodes.ts';
import { pod } from './pods.ts';
import { finishedJob, service, statefulSet } from './workloads.ts';

const claimTemplate = (name: string): KubernetesObject => ({
  kind: 'PersistentVolumeClaim',
  apiVersion: 'v1',
  metadata: { name },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '10Gi' } },
    storageClassName: 'fast',
    volumeMode: 'Filesystem',
  },
  status: { phase: 'Pending' },
});

export function dataObjects(): KubernetesObject[] {
  return [...databases(), ...oldController(), ...jobs(), ...byHand(), kafka, ...claims()];
}

/** `pg` and `a-pg`: one's claim names begin like the other's. */
function databases(): KubernetesObject[] {
  const set = (name: string, template: string, ip: number) =>
    statefulSet({
      path: `data/${name}`,
      labels: { app: name, 'app.kubernetes.io/component': 'database' },
      serviceName: name,
      ip,
      volumeClaimTemplates: [claimTemplate(template)],
      spec: {
        serviceAccountName: 'database',
        containers: [{ name: 'postgres', image: 'docker.io/library/postgres:18', ports: [{ containerPort: 5432 }] }],
      },
    });
  const headless = (name: string) =>
    service({
      path: `data/${name}`,
      selector: { app: name },
      ports: [{ name: 'sql', port: 5432 }],
      clusterIP: 'None',
      meta: { labels: { app: name } },
    });
  return [...set('pg', 'data', 60), ...set('a-pg', 'data-a', 70), headless('pg'), headless('a-pg')];
}

function oldController(): KubernetesObject[] {
  const labels = { app: 'ledger', version: 'v1' };
  const share = { name: 'share', azureFile: { secretName: 'share-login', shareName: 'ledger' } };
  const spec = {
    containers: [{ name: 'ledger', image: 'registry.example.com/data/ledger:1.0' }],
    volumes: [share],
  };
  const controller = make('v1', 'ReplicationController', 'data/ledger', {
    labels,
    spec: { replicas: 2, selector: labels, template: { metadata: { labels }, spec } },
    status: { replicas: 2, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 2, observedGeneration: 1 },
  });
  // Pods from before owner references: only the selector connects them.
  const pods = [0, 1].map((i) =>
    pod({
      path: `data/ledger-${i === 0 ? 'q4xzt' : 'w9dkm'}`,
      labels,
      node: demoNodes[i]?.name ?? '',
      ip: 80 + i,
      spec,
    }),
  );
  return [controller, ...pods];
}

function jobs(): KubernetesObject[] {
  const spec = {
    restartPolicy: 'OnFailure',
    containers: [
      {
        name: 'backup',
        image: 'registry.example.com/data/backup:2',
        envFrom: [{ secretRef: { name: 'backup-credentials' } }],
        volumeMounts: [{ name: 'target', mountPath: '/backup' }],
      },
    ],
    volumes: [{ name: 'target', persistentVolumeClaim: { claimName: 'backups' } }],
  };
  const cronJob = make('batch/v1', 'CronJob', 'data/backup', {
    spec: {
      schedule: '*/5 * * * *',
      concurrencyPolicy: 'Forbid',
      suspend: false,
      jobTemplate: { metadata: {}, spec: { template: { metadata: { labels: { app: 'backup' } }, spec } } },
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    },
    status: { lastScheduleTime: '2026-11-20T16:55:00Z', lastSuccessfulTime: '2026-11-20T16:55:08Z' },
  });
  const credentials = make('v1', 'Secret', 'data/backup-credentials', {
    type: 'Opaque',
    data: { key: 'czNjcjN0LXZhbHVl' },
  });
  return [
    credentials,
    cronJob,
    ...finishedJob({ path: 'data/backup-29919895', labels: { app: 'backup' }, ip: 90, spec }, cronJob),
  ];
}

/** A database outside of the cluster with a manual slice: no selector, owner or target. */
function byHand(): KubernetesObject[] {
  return [
    service({ path: 'data/warehouse', ports: [{ name: 'sql', port: 5432 }], clusterIP: '10.96.30.9' }),
    make('discovery.k8s.io/v1', 'EndpointSlice', 'data/warehouse-1', {
      labels: { 'kubernetes.io/service-name': 'warehouse', 'endpointslice.kubernetes.io/managed-by': 'staff' },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['198.51.100.40'], conditions: { ready: true } }],
      ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }],
    }),
  ];
}

/** On a node that no longer exists. */
const kafka = pod({
  path: 'data/kafka-2',
  exitCode: 143,
  labels: { app: 'kafka' },
  node: 'node-gone',
  phase: 'Failed',
  spec: {
    containers: [{ name: 'kafka', image: 'docker.io/apache/kafka:4.1.0' }],
    volumes: [{ name: 'log', persistentVolumeClaim: { claimName: 'log-kafka-2' } }],
  },
});

function claims(): KubernetesObject[] {
  const claim = (name: string, spec: object, volume?: string) =>
    make('v1', 'PersistentVolumeClaim', `data/${name}`, {
      annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '10Gi' } },
        volumeMode: 'Filesystem',
        ...spec,
        ...(volume && { volumeName: volume }),
      },
      status: volume
        ? { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '10Gi' } }
        : { phase: 'Pending' },
    });
  const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'pg-0-nightly' };
  return [
    claim('data-pg-0', { storageClassName: 'fast' }, 'pv-pg-0'),
    claim('data-pg-1', { storageClassName: 'fast' }, 'pv-pg-1'),
    claim('data-a-a-pg-0', { storageClassName: 'fast' }, 'pv-a-pg-0'),
    claim('data-a-a-pg-1', { storageClassName: 'fast' }, 'pv-a-pg-1'),
    // Of the cluster's default class.
    claim('backups', {}, 'pv-backups'),
    // Waits for a default class.
    claim('reports', {}),
    // No class: bound manually.
    claim('archive', { storageClassName: '' }, 'pv-archive'),
    claim('pg-clone', {
      storageClassName: 'fast',
      dataSource: { kind: 'PersistentVolumeClaim', name: 'data-pg-0' },
      dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'data-pg-0' },
    }),
    claim('pg-restored', { storageClassName: 'fast', dataSource: snapshot, dataSourceRef: snapshot }),
  ];
}

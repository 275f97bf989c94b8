// Volumes, classes, drivers, attachments and snapshots.
import type { KubernetesObject } from '../../model.ts';
import { type Fields, make, uidOf } from './make.ts';

const driver = 'csi.disk.example.com';

export function storageObjects(): KubernetesObject[] {
  const logins = ['disk-login', 'disk-provisioner'].map((name) =>
    make('v1', 'Secret', `platform/${name}`, { type: 'Opaque', data: { key: 'czNjcjN0LXZhbHVl' } }),
  );
  return [...logins, ...classes(), ...drivers(), ...volumes(), ...attachments(), ...snapshots()];
}

function classes(): KubernetesObject[] {
  const parameters = {
    type: 'ssd',
    'csi.storage.k8s.io/provisioner-secret-name': 'disk-provisioner',
    'csi.storage.k8s.io/provisioner-secret-namespace': 'platform',
  };
  const common = { reclaimPolicy: 'Delete', volumeBindingMode: 'WaitForFirstConsumer', allowVolumeExpansion: true };
  return [
    make('storage.k8s.io/v1', 'StorageClass', 'fast', { provisioner: driver, parameters, ...common }),
    make('storage.k8s.io/v1', 'StorageClass', 'standard', {
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
      provisioner: driver,
      ...common,
    }),
    // In-tree: without a driver.
    make('storage.k8s.io/v1', 'StorageClass', 'local', { provisioner: 'kubernetes.io/no-provisioner', ...common }),
  ];
}

function drivers(): KubernetesObject[] {
  const spec = {
    attachRequired: true,
    podInfoOnMount: false,
    fsGroupPolicy: 'File',
    volumeLifecycleModes: ['Persistent'],
  };
  return [
    make('storage.k8s.io/v1', 'CSIDriver', driver, { spec }),
    make('storage.k8s.io/v1', 'CSIDriver', 'csi.secrets.example.com', {
      spec: { ...spec, attachRequired: false, volumeLifecycleModes: ['Ephemeral'] },
    }),
  ];
}

/** Claims of namespace `data` and their bound volumes. */
const bound: { readonly [volume: string]: string } = {
  'pv-pg-0': 'data-pg-0',
  'pv-pg-1': 'data-pg-1',
  'pv-a-pg-0': 'data-a-a-pg-0',
  'pv-a-pg-1': 'data-a-a-pg-1',
  'pv-backups': 'backups',
};

function volumes(): KubernetesObject[] {
  const disks = Object.entries(bound).map(([name, claim]) => {
    const storageClassName = name === 'pv-backups' ? 'standard' : 'fast';
    return volume(name, claim, {
      storageClassName,
      csi: csiSource(name),
      ...(name === 'pv-pg-0' && { nodeAffinity: inZone('eu-1a') }),
    });
  });
  const share = volume('pv-archive', 'archive', {
    storageClassName: '',
    nfs: { server: 'nfs.example.com', path: '/archive' },
  });
  const free = make('v1', 'PersistentVolume', 'pv-free', {
    spec: {
      ...volumeSpec,
      storageClassName: 'local',
      local: { path: '/mnt/disk' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-b'] }] },
          ],
        },
      },
    },
    status: { phase: 'Available' },
  });
  const secretRef = { name: 'iscsi-login', namespace: 'platform' };
  const iscsi = { targetPortal: '198.51.100.60:3260', iqn: 'iqn.2026-11.com.example:blocks', lun: 0, secretRef };
  const blocks = make('v1', 'PersistentVolume', 'pv-blocks', {
    spec: { ...volumeSpec, storageClassName: '', iscsi },
    status: { phase: 'Available' },
  });
  return [...disks, share, free, blocks];
}

const volumeSpec = {
  capacity: { storage: '10Gi' },
  accessModes: ['ReadWriteOnce'],
  persistentVolumeReclaimPolicy: 'Retain',
  volumeMode: 'Filesystem',
};

function volume(name: string, claim: string, source: Fields): KubernetesObject {
  const claimRef = {
    kind: 'PersistentVolumeClaim',
    apiVersion: 'v1',
    namespace: 'data',
    name: claim,
    uid: uidOf('v1', 'PersistentVolumeClaim', `data/${claim}`),
  };
  return make('v1', 'PersistentVolume', name, {
    finalizers: ['kubernetes.io/pv-protection'],
    spec: { ...volumeSpec, claimRef, ...source },
    status: { phase: 'Bound' },
  });
}

function csiSource(name: string): Fields {
  const secret = { name: 'disk-login', namespace: 'platform' };
  return {
    driver,
    volumeHandle: name,
    fsType: 'ext4',
    nodeStageSecretRef: secret,
    nodePublishSecretRef: secret,
    controllerPublishSecretRef: secret,
  };
}

function inZone(zone: string): Fields {
  const matchExpressions = [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] }];
  return { required: { nodeSelectorTerms: [{ matchExpressions }] } };
}

function attachments(): KubernetesObject[] {
  const attachment = (volumeName: string, nodeName: string) =>
    make('storage.k8s.io/v1', 'VolumeAttachment', `csi-${uidOf(volumeName, nodeName).slice(0, 8)}`, {
      spec: { attacher: driver, nodeName, source: { persistentVolumeName: volumeName } },
      status: { attached: true },
    });
  return [attachment('pv-pg-0', 'node-a'), attachment('pv-pg-1', 'node-b'), attachment('pv-a-pg-0', 'node-c')];
}

function snapshots(): KubernetesObject[] {
  const name = `snapcontent-${uidOf('pg-0-nightly').slice(0, 8)}`;
  const group = 'snapshot.storage.k8s.io/v1';
  return [
    make(group, 'VolumeSnapshotClass', 'disk', { driver, deletionPolicy: 'Delete' }),
    make(group, 'VolumeSnapshot', 'data/pg-0-nightly', {
      spec: { source: { persistentVolumeClaimName: 'data-pg-0' }, volumeSnapshotClassName: 'disk' },
      status: { boundVolumeSnapshotContentName: name, readyToUse: true, restoreSize: '10Gi' },
    }),
    make(group, 'VolumeSnapshotContent', name, {
      spec: {
        driver,
        deletionPolicy: 'Delete',
        source: { volumeHandle: 'pv-pg-0' },
        volumeSnapshotClassName: 'disk',
        volumeSnapshotRef: { namespace: 'data', name: 'pg-0-nightly' },
      },
      status: { readyToUse: true },
    }),
  ];
}

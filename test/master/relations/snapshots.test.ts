import {
  snapshotBound,
  snapshotClassDriver,
  snapshotContentBound,
  snapshotContentDriver,
  snapshotSource,
  snapshotUsesClass,
} from '../../../master/relations/snapshots.ts';
import { clusterObject, named, object, ruleCases } from '../../support/rule-cases.ts';

const group = 'snapshot.storage.k8s.io';
const content = `VolumeSnapshotContent.${group}`;
const snapshot = (spec: object, status?: object) => object(`${group}/v1`, 'VolumeSnapshot', { spec, status });
const contentOf = (spec: object) => clusterObject(`${group}/v1`, 'VolumeSnapshotContent', { spec });

ruleCases(snapshotUsesClass, [
  {
    says: 'a snapshot uses its class',
    object: snapshot({ volumeSnapshotClassName: 'daily' }),
    refers: [{ target: named(`VolumeSnapshotClass.${group}`, 'daily'), field: 'spec.volumeSnapshotClassName' }],
  },
  {
    says: 'so does its content',
    object: contentOf({ volumeSnapshotClassName: 'daily' }),
    refers: [{ target: named(`VolumeSnapshotClass.${group}`, 'daily'), field: 'spec.volumeSnapshotClassName' }],
  },
  { says: 'a snapshot of the default class names none', object: snapshot({}), refers: [] },
]);

ruleCases(snapshotSource, [
  {
    says: 'a snapshot is taken of a claim',
    object: snapshot({ source: { persistentVolumeClaimName: 'data' } }),
    refers: [
      { target: named('PersistentVolumeClaim', 'data', 'shop'), field: 'spec.source.persistentVolumeClaimName' },
    ],
  },
  {
    says: 'one that was brought is taken of none',
    object: snapshot({ source: { volumeSnapshotContentName: 'c' } }),
    refers: [],
  },
]);

ruleCases(snapshotBound, [
  {
    says: 'a snapshot is bound to the content in its status, if that agrees',
    object: snapshot({ source: { persistentVolumeClaimName: 'data' } }, { boundVolumeSnapshotContentName: 'c-1' }),
    refers: [{ target: named(content, 'c-1'), field: 'status.boundVolumeSnapshotContentName', agreement: 'half' }],
  },
  {
    says: 'what it asks for it is not bound to yet',
    object: snapshot({ source: { volumeSnapshotContentName: 'c-2' } }),
    refers: [{ target: named(content, 'c-2'), field: 'spec.source.volumeSnapshotContentName', agreement: 'wish' }],
  },
  { says: 'a new snapshot is bound to none', object: snapshot({}), refers: [] },
]);

const ref = { name: 's', namespace: 'shop' };
const from = { type: `VolumeSnapshot.${group}`, namespace: 'shop', name: 's' };

ruleCases(snapshotContentBound, [
  {
    says: 'content refers to its snapshot by UID',
    object: contentOf({ volumeSnapshotRef: { ...ref, uid: 'u-1' } }),
    refers: [{ source: { ...from, by: 'uid', uid: 'u-1' }, field: 'spec.volumeSnapshotRef', agreement: 'half' }],
  },
  {
    says: 'before that it is kept for one of that name',
    object: contentOf({ volumeSnapshotRef: ref }),
    refers: [{ source: { ...from, by: 'name' }, field: 'spec.volumeSnapshotRef', agreement: 'wish' }],
  },
  {
    says: 'a reference without a namespace is none',
    object: contentOf({ volumeSnapshotRef: { name: 's' } }),
    refers: [],
  },
]);

ruleCases(snapshotClassDriver, [
  {
    says: 'a class has a driver',
    object: clusterObject(`${group}/v1`, 'VolumeSnapshotClass', { driver: 'a.csi.example.org' }),
    refers: [{ target: named('CSIDriver', 'a.csi.example.org'), field: 'driver' }],
  },
  { says: 'without one it takes none', object: clusterObject(`${group}/v1`, 'VolumeSnapshotClass'), refers: [] },
]);

ruleCases(snapshotContentDriver, [
  {
    says: 'content has a driver',
    object: contentOf({ driver: 'a.csi.example.org' }),
    refers: [{ target: named('CSIDriver', 'a.csi.example.org'), field: 'spec.driver' }],
  },
  { says: 'without one it was taken by none', object: contentOf({}), refers: [] },
]);

// References of volume snapshots: class, source, and bound content.
import { isName, isRecord } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { nameRule } from './names.ts';
import type { Rule } from './relation.ts';

const group = 'snapshot.storage.k8s.io';
const snapshot = `VolumeSnapshot.${group}`;
const content = `VolumeSnapshotContent.${group}`;
const snapshotClass = `VolumeSnapshotClass.${group}`;

interface Bound extends KubernetesObject {
  readonly spec?: { readonly [field: string]: unknown } | null;
  readonly status?: { readonly boundVolumeSnapshotContentName?: unknown } | null;
}

export const snapshotUsesClass = nameRule({
  name: 'snapshot-uses-class',
  relation: 'uses',
  reads: [snapshot, content],
  target: snapshotClass,
  fields: ['spec.volumeSnapshotClassName'],
  place: 'none',
  dependence: 'source',
  sentence: 'A VolumeSnapshot or VolumeSnapshotContent uses the VolumeSnapshotClass it names.',
});

export const snapshotSource = nameRule({
  name: 'snapshot-source',
  relation: 'createdFrom',
  reads: [snapshot],
  target: 'PersistentVolumeClaim',
  fields: ['spec.source.persistentVolumeClaimName'],
  place: 'own',
  dependence: 'none',
  sentence: 'A VolumeSnapshot is created from the PersistentVolumeClaim named in spec.source.',
});

export const snapshotBound = {
  name: 'snapshot-bound',
  relation: 'boundTo',
  reads: [snapshot],
  source: [snapshot],
  target: [content],
  fields: ['status.boundVolumeSnapshotContentName', 'spec.source.volumeSnapshotContentName'],
  dependence: 'source',
  sentence:
    'A VolumeSnapshot is bound to the VolumeSnapshotContent it names. Until the content refers to the snapshot too, the relation is `wanted`.',
  infer(object: Bound, refer) {
    const bound = object.status?.boundVolumeSnapshotContentName;
    const source = object.spec?.['source'];
    const wished = isRecord(source) ? source['volumeSnapshotContentName'] : undefined;
    if (isName(bound)) {
      const target = { by: 'name', type: content, name: bound } as const;
      refer({ target, field: 'status.boundVolumeSnapshotContentName', agreement: 'half' });
    } else if (isName(wished)) {
      const target = { by: 'name', type: content, name: wished } as const;
      refer({ target, field: 'spec.source.volumeSnapshotContentName', agreement: 'wish' });
    }
  },
} as const satisfies Rule;

export const snapshotContentBound = {
  name: 'snapshot-content-bound',
  relation: 'boundTo',
  reads: [content],
  source: [snapshot],
  target: [content],
  fields: ['spec.volumeSnapshotRef'],
  dependence: 'source',
  sentence:
    'A VolumeSnapshot is bound to the VolumeSnapshotContent that refers to it: by name at first, by UID once bound.',
  infer(object: Bound, refer) {
    const ref = object.spec?.['volumeSnapshotRef'];
    if (!isRecord(ref)) return;
    const { name, namespace, uid } = ref;
    if (!isName(name) || !isName(namespace)) return;
    const named = { by: 'name', type: snapshot, namespace, name } as const;
    const source = isName(uid) ? ({ ...named, by: 'uid', uid } as const) : named;
    refer({ source, field: 'spec.volumeSnapshotRef', agreement: isName(uid) ? 'half' : 'wish' });
  },
} as const satisfies Rule;

export const snapshotClassDriver = nameRule({
  name: 'snapshot-class-driver',
  relation: 'uses',
  reads: [snapshotClass],
  target: 'CSIDriver',
  fields: ['driver'],
  place: 'none',
  dependence: 'source',
  sentence: 'A VolumeSnapshotClass uses the CSIDriver that takes its snapshots.',
});

export const snapshotContentDriver = nameRule({
  name: 'snapshot-content-driver',
  relation: 'uses',
  reads: [content],
  target: 'CSIDriver',
  fields: ['spec.driver'],
  place: 'none',
  dependence: 'source',
  sentence: 'A VolumeSnapshotContent uses the CSIDriver named in spec.driver.',
});

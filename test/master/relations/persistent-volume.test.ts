import {
  volumeAttributesClass,
  volumeClaimRef,
  volumeCsiDriver,
  volumeCsiSecret,
  volumeRestrictedToNode,
  volumeStorageClass,
  volumeStorageSecret,
} from '../../../master/relations/persistent-volume.ts';
import { clusterObject, labelled, named, ruleCases } from '../../support/rule-cases.ts';

const volume = (spec: object) => clusterObject('v1', 'PersistentVolume', { spec });

ruleCases(volumeClaimRef, [
  {
    says: 'the claim is bound by its UID: a recreated claim of that name is another claim',
    object: volume({ claimRef: { kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'data', uid: 'u-1' } }),
    refers: [
      {
        source: { by: 'uid', type: 'PersistentVolumeClaim', namespace: 'shop', name: 'data', uid: 'u-1' },
        field: 'spec.claimRef',
        agreement: 'half',
      },
    ],
  },
  {
    says: 'a volume that is reserved for a claim names it by namespace and name',
    object: volume({ claimRef: { namespace: 'other', name: 'data' } }),
    refers: [
      {
        source: named('PersistentVolumeClaim', 'data', 'other'),
        field: 'spec.claimRef',
        agreement: 'wish',
        absence: 'pending',
      },
    ],
  },
  {
    says: 'one that is still available is bound to nobody, whatever UID it names',
    object: {
      ...volume({ claimRef: { namespace: 'shop', name: 'data', uid: 'u-1' } }),
      status: { phase: 'Available' },
    },
    refers: [
      {
        source: { by: 'uid', type: 'PersistentVolumeClaim', namespace: 'shop', name: 'data', uid: 'u-1' },
        field: 'spec.claimRef',
        agreement: 'wish',
      },
    ],
  },
  { says: 'an available volume is bound to none', object: volume({}), refers: [] },
  { says: 'a claim without a namespace is none', object: volume({ claimRef: { name: 'data' } }), refers: [] },
]);

ruleCases(volumeStorageClass, [
  {
    says: 'a volume is provisioned by the class it names',
    object: volume({ storageClassName: 'fast' }),
    refers: [{ target: named('StorageClass', 'fast'), field: 'spec.storageClassName' }],
  },
  { says: 'a volume has no default class', object: volume({}), refers: [] },
  { says: 'the empty name is not a class', object: volume({ storageClassName: '' }), refers: [] },
]);

ruleCases(volumeCsiDriver, [
  {
    says: 'a volume uses its driver',
    object: volume({ csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1' } }),
    refers: [{ target: named('CSIDriver', 'ebs.csi.aws.com'), field: 'spec.csi.driver' }],
  },
  { says: 'a volume on a host path has no driver', object: volume({ hostPath: { path: '/x' } }), refers: [] },
]);

ruleCases(volumeCsiSecret, [
  {
    says: 'a volume uses the Secrets of its driver, in the namespaces they name',
    object: volume({
      csi: {
        driver: 'd',
        nodeStageSecretRef: { name: 'stage', namespace: 'storage' },
        controllerExpandSecretRef: { name: 'expand', namespace: 'ops' },
      },
    }),
    refers: [
      { target: named('Secret', 'expand', 'ops'), field: 'spec.csi.controllerExpandSecretRef' },
      { target: named('Secret', 'stage', 'storage'), field: 'spec.csi.nodeStageSecretRef' },
    ],
  },
  {
    says: 'a Secret without a namespace is none',
    object: volume({ csi: { nodeStageSecretRef: { name: 's' } } }),
    refers: [],
  },
]);

ruleCases(volumeStorageSecret, [
  {
    says: 'a volume uses the Secret of its storage',
    object: volume({ rbd: { secretRef: { name: 'ceph', namespace: 'storage' } } }),
    refers: [{ target: named('Secret', 'ceph', 'storage'), field: 'spec.rbd.secretRef' }],
  },
  {
    says: 'the Secret of an Azure share is looked for in the claim’s namespace where it names none',
    object: volume({ azureFile: { secretName: 'azure' }, claimRef: { namespace: 'shop', name: 'data' } }),
    refers: [{ target: named('Secret', 'azure', 'shop'), field: 'spec.azureFile.secretName' }],
  },
  {
    says: 'the Secret of an Azure share has a namespace of its own',
    object: volume({ azureFile: { secretName: 'azure', secretNamespace: 'storage' } }),
    refers: [{ target: named('Secret', 'azure', 'storage'), field: 'spec.azureFile.secretName' }],
  },
  { says: 'a volume on a host path has none', object: volume({ hostPath: { path: '/x' } }), refers: [] },
]);

const path = 'spec.nodeAffinity.required.nodeSelectorTerms';
const affinity = (...nodeSelectorTerms: object[]) => volume({ nodeAffinity: { required: { nodeSelectorTerms } } });
const hostname = { key: 'kubernetes.io/hostname', operator: 'In', values: ['node-1'] };
const zone = { key: 'topology.kubernetes.io/zone', operator: 'In', values: ['a', 'b'] };

ruleCases(volumeRestrictedToNode, [
  {
    says: 'a volume is restricted to the Nodes of any of its terms',
    object: affinity({ matchExpressions: [hostname] }, { matchExpressions: [zone] }),
    refers: [
      { target: labelled('Node', { matchExpressions: [hostname] }), field: `${path}[0].matchExpressions` },
      { target: labelled('Node', { matchExpressions: [zone] }), field: `${path}[1].matchExpressions` },
    ],
  },
  {
    says: 'a term may name its Nodes by field',
    object: affinity({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] }),
    refers: [{ target: named('Node', 'node-1'), field: `${path}[0].matchFields` }],
  },
  {
    says: 'of a term with names and labels both must be right',
    object: affinity({
      matchExpressions: [zone],
      matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1', 'node-2'] }],
    }),
    refers: [
      {
        target: {
          by: 'labels',
          type: 'Node',
          namespaces: { all: true },
          selector: { matchExpressions: [zone] },
          names: ['node-1', 'node-2'],
        },
        field: `${path}[0].matchExpressions`,
      },
    ],
  },
  {
    says: 'of two lists of names a Node must be in both, and in none that rules it out',
    object: affinity(
      {
        matchFields: [
          ['a', 'b'],
          ['b', 'c'],
        ].map((values) => ({ key: 'metadata.name', operator: 'In', values })),
      },
      { matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['a'] }] },
    ),
    refers: [
      { target: named('Node', 'b'), field: `${path}[0].matchFields` },
      {
        target: {
          by: 'labels',
          type: 'Node',
          namespaces: { all: true },
          selector: { matchExpressions: [] },
          notNames: ['a'],
        },
        field: `${path}[1].matchFields`,
      },
    ],
  },
  { says: 'an empty term matches no Node', object: affinity({}), refers: [] },
  { says: 'a volume without affinity is not restricted', object: volume({}), refers: [] },
]);

ruleCases(volumeAttributesClass, [
  {
    says: 'a volume has the attributes of its class',
    object: volume({ volumeAttributesClassName: 'gold' }),
    refers: [{ target: named('VolumeAttributesClass', 'gold'), field: 'spec.volumeAttributesClassName' }],
  },
  { says: 'most volumes have none', object: volume({}), refers: [] },
]);

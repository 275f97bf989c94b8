// What a PersistentVolume says: the claim it is bound to, its class, its driver, the Secrets and the Nodes it needs.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject, LabelRequirement } from '../../src/model.ts';
import type { Reference, Rule } from './relation.ts';

interface Volume extends KubernetesObject {
  readonly spec?: { readonly [field: string]: unknown } | null;
}

type Refer = (reference: Reference) => void;

export const volumeClaimRef = {
  name: 'volume-claim-ref',
  relation: 'boundTo',
  reads: ['PersistentVolume'],
  source: ['PersistentVolumeClaim'],
  target: ['PersistentVolume'],
  fields: ['spec.claimRef'],
  dependence: 'source',
  sentence: 'A PersistentVolumeClaim is bound to the PersistentVolume that refers to it, by UID once it is bound.',
  infer(object: Volume, refer) {
    const ref = object.spec?.['claimRef'];
    if (!isRecord(ref)) return;
    const { name, namespace, uid } = ref;
    if (!isName(name) || !isName(namespace)) return;
    const type = 'PersistentVolumeClaim';
    const named = { by: 'name', type, namespace, name } as const;
    refer({ source: isName(uid) ? { ...named, by: 'uid', uid } : named, field: 'spec.claimRef' });
  },
} as const satisfies Rule;

const oldClass = 'volume.beta.kubernetes.io/storage-class';

export const volumeStorageClass = {
  name: 'volume-storage-class',
  relation: 'provisionedBy',
  reads: ['PersistentVolume'],
  source: ['PersistentVolume'],
  target: ['StorageClass'],
  fields: ['spec.storageClassName', `metadata.annotations["${oldClass}"]`],
  dependence: 'none',
  sentence: 'A PersistentVolume is provisioned by the StorageClass it names; without a name, by none.',
  infer(object: Volume, refer) {
    const old = object.metadata.annotations?.[oldClass];
    const name = old ?? object.spec?.['storageClassName'];
    if (!isName(name)) return;
    const field = old === undefined ? 'spec.storageClassName' : `metadata.annotations["${oldClass}"]`;
    refer({ target: { by: 'name', type: 'StorageClass', name }, field });
  },
} as const satisfies Rule;

export const volumeCsiDriver = {
  name: 'volume-csi-driver',
  relation: 'uses',
  reads: ['PersistentVolume'],
  source: ['PersistentVolume'],
  target: ['CSIDriver'],
  fields: ['spec.csi.driver'],
  dependence: 'source',
  sentence: 'A PersistentVolume uses the CSIDriver that serves it.',
  infer(object: Volume, refer) {
    const csi = object.spec?.['csi'];
    if (!isRecord(csi) || !isName(csi['driver'])) return;
    refer({ target: { by: 'name', type: 'CSIDriver', name: csi['driver'] }, field: 'spec.csi.driver' });
  },
} as const satisfies Rule;

const csiSecrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodeStageSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

/** A PersistentVolume lies in no namespace, so its references to Secrets carry theirs. */
function pointAtSecret(name: unknown, namespace: unknown, field: string, refer: Refer): void {
  if (isName(name) && isName(namespace)) refer({ target: { by: 'name', type: 'Secret', namespace, name }, field });
}

export const volumeCsiSecret = {
  name: 'volume-csi-secret',
  relation: 'uses',
  reads: ['PersistentVolume'],
  source: ['PersistentVolume'],
  target: ['Secret'],
  fields: csiSecrets.map((key) => `spec.csi.${key}`),
  dependence: 'source',
  sentence: 'A PersistentVolume uses the Secrets that its CSI driver publishes, stages and expands it with.',
  infer(object: Volume, refer) {
    const csi = object.spec?.['csi'];
    if (!isRecord(csi)) return;
    for (const key of csiSecrets) {
      const ref = csi[key];
      if (isRecord(ref)) pointAtSecret(ref['name'], ref['namespace'], `spec.csi.${key}`, refer);
    }
  },
} as const satisfies Rule;

const withSecretRef = ['cephfs', 'cinder', 'flexVolume', 'iscsi', 'rbd', 'scaleIO', 'storageos'] as const;

export const volumeStorageSecret = {
  name: 'volume-storage-secret',
  relation: 'uses',
  reads: ['PersistentVolume'],
  source: ['PersistentVolume'],
  target: ['Secret'],
  fields: ['spec.azureFile.secretName', ...withSecretRef.map((source) => `spec.${source}.secretRef`)],
  dependence: 'source',
  sentence: 'A PersistentVolume uses the Secret by which its storage is reached.',
  infer(object: Volume, refer) {
    const azure = object.spec?.['azureFile'];
    if (isRecord(azure)) {
      // Without a namespace of its own the Secret is looked for in the claim's.
      const claim = object.spec?.['claimRef'];
      const namespace = azure['secretNamespace'] ?? (isRecord(claim) ? claim['namespace'] : undefined);
      pointAtSecret(azure['secretName'], namespace, 'spec.azureFile.secretName', refer);
    }
    for (const source of withSecretRef) {
      const fields = object.spec?.[source];
      const ref = isRecord(fields) ? fields['secretRef'] : undefined;
      if (isRecord(ref)) pointAtSecret(ref['name'], ref['namespace'], `spec.${source}.secretRef`, refer);
    }
  },
} as const satisfies Rule;

interface Term {
  readonly matchExpressions?: readonly LabelRequirement[];
  readonly matchFields?: readonly LabelRequirement[];
}

const termsPath = 'spec.nodeAffinity.required.nodeSelectorTerms';

export const volumeRestrictedToNode = {
  name: 'volume-restricted-to-node',
  relation: 'restrictedTo',
  reads: ['PersistentVolume'],
  source: ['PersistentVolume'],
  target: ['Node'],
  fields: [`${termsPath}[].matchExpressions`, `${termsPath}[].matchFields`],
  dependence: 'source',
  sentence: 'A PersistentVolume is restricted to the Nodes that a term of its node affinity matches.',
  infer(object: Volume, refer) {
    const affinity = object.spec?.['nodeAffinity'] as
      | { required?: { nodeSelectorTerms?: readonly Term[] } }
      | undefined;
    const terms = itemsOf(affinity?.required?.nodeSelectorTerms);
    for (let i = 0; i < terms.length; i++) pointAtNodes(terms[i], `${termsPath}[${i}]`, refer);
  },
} as const satisfies Rule;

/** A term without any requirement matches no Node. One that names its Nodes by field has them by name, whatever else it asks. */
function pointAtNodes(term: Term | null | undefined, path: string, refer: Refer): void {
  const names = itemsOf(term?.matchFields).find((field) => field?.key === 'metadata.name' && field.operator === 'In');
  if (names) {
    for (const name of itemsOf(names.values)) {
      if (isName(name)) refer({ target: { by: 'name', type: 'Node', name }, field: `${path}.matchFields` });
    }
    return;
  }
  const matchExpressions = itemsOf(term?.matchExpressions).filter((item) =>
    isRecord(item),
  ) as readonly LabelRequirement[];
  if (matchExpressions.length === 0) return;
  const target = { by: 'labels', type: 'Node', namespaces: { all: true }, selector: { matchExpressions } } as const;
  refer({ target, field: `${path}.matchExpressions` });
}

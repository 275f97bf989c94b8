// References of a PersistentVolume: claim, class, driver, Secrets and Nodes.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject, LabelRequirement } from '../../src/model.ts';
import { nameRule } from './names.ts';
import type { Reference, Rule } from './relation.ts';
import { csiSecrets, pointAtCsiSecrets, pointAtStorageSecrets, withSecretRef } from './volume-secrets.ts';

interface Volume extends KubernetesObject {
  readonly spec?: { readonly [field: string]: unknown } | null;
  readonly status?: { readonly phase?: unknown } | null;
}

type Refer = (reference: Reference) => void;

export const volumeClaimRef = {
  name: 'volume-claim-ref',
  relation: 'boundTo',
  reads: ['PersistentVolume'],
  source: ['PersistentVolumeClaim'],
  target: ['PersistentVolume'],
  fields: ['spec.claimRef', 'status.phase'],
  dependence: 'source',
  sentence:
    'A PersistentVolumeClaim is bound to the PersistentVolume that refers to it by UID. Until the claim names the volume too, the relation is `wanted`.',
  infer(object: Volume, refer) {
    const ref = object.spec?.['claimRef'];
    if (!isRecord(ref)) return;
    const { name, namespace, uid } = ref;
    if (!isName(name) || !isName(namespace)) return;
    const type = 'PersistentVolumeClaim';
    const named = { by: 'name', type, namespace, name } as const;
    // Without a UID it is reserved for a claim of that name, existing or not.
    const isBound = isName(uid) && object.status?.phase !== 'Available' && object.status?.phase !== 'Pending';
    const source = isName(uid) ? ({ ...named, by: 'uid', uid } as const) : named;
    refer({
      source,
      field: 'spec.claimRef',
      agreement: isBound ? 'half' : 'wish',
      absence: isName(uid) ? undefined : 'pending',
    });
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
  sentence: 'A PersistentVolume is provisioned by the StorageClass it names.',
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
  sentence: 'A PersistentVolume uses the CSIDriver named in spec.csi.driver.',
  infer(object: Volume, refer) {
    const csi = object.spec?.['csi'];
    if (!isRecord(csi) || !isName(csi['driver'])) return;
    refer({ target: { by: 'name', type: 'CSIDriver', name: csi['driver'] }, field: 'spec.csi.driver' });
  },
} as const satisfies Rule;

export const volumeCsiSecret = {
  name: 'volume-csi-secret',
  relation: 'uses',
  reads: ['PersistentVolume'],
  source: ['PersistentVolume'],
  target: ['Secret'],
  fields: csiSecrets.map((key) => `spec.csi.${key}`),
  dependence: 'source',
  sentence: 'A PersistentVolume uses the Secrets with which its CSI driver publishes, stages and expands it.',
  infer: (object: Volume, refer) => pointAtCsiSecrets(object.spec, 'spec', refer),
} as const satisfies Rule;

export const volumeStorageSecret = {
  name: 'volume-storage-secret',
  relation: 'uses',
  reads: ['PersistentVolume'],
  source: ['PersistentVolume'],
  target: ['Secret'],
  fields: ['spec.azureFile.secretName', ...withSecretRef.map((source) => `spec.${source}.secretRef`)],
  dependence: 'source',
  sentence: 'A PersistentVolume uses the Secret with the credentials of its storage.',
  infer: (object: Volume, refer) => pointAtStorageSecrets(object.spec, 'spec', refer),
} as const satisfies Rule;

export const volumeAttributesClass = nameRule({
  name: 'volume-attributes-class',
  relation: 'uses',
  reads: ['PersistentVolume'],
  target: 'VolumeAttributesClass',
  fields: ['spec.volumeAttributesClassName'],
  place: 'none',
  dependence: 'none',
  sentence: 'A PersistentVolume uses the VolumeAttributesClass it names.',
});

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
  sentence: 'A PersistentVolume is restricted to the Nodes that one term of its node affinity matches.',
  infer(object: Volume, refer) {
    const affinity = object.spec?.['nodeAffinity'] as
      | { required?: { nodeSelectorTerms?: readonly Term[] } }
      | undefined;
    const terms = itemsOf(affinity?.required?.nodeSelectorTerms);
    for (let i = 0; i < terms.length; i++) pointAtNodes(terms[i], `${termsPath}[${i}]`, refer);
  },
} as const satisfies Rule;

/** A term without requirements matches no Node; in a term all names and labels must match. */
function pointAtNodes(term: Term | null | undefined, path: string, refer: Refer): void {
  const matchExpressions = itemsOf(term?.matchExpressions).filter((item) =>
    isRecord(item),
  ) as readonly LabelRequirement[];
  const named = itemsOf(term?.matchFields).filter((field) => field?.key === 'metadata.name');
  if (matchExpressions.length === 0 && named.length === 0) return;
  const field = matchExpressions.length > 0 ? `${path}.matchExpressions` : `${path}.matchFields`;
  const names = named.filter((each) => each?.operator === 'In').map((each) => namesIn(each));
  if (matchExpressions.length === 0 && names.length === named.length) {
    for (const name of inAll(names)) refer({ target: { by: 'name', type: 'Node', name }, field });
    return;
  }
  const notNames = named.filter((each) => each?.operator === 'NotIn').flatMap((each) => namesIn(each));
  const filter = { ...(names.length > 0 && { names: inAll(names) }), ...(notNames.length > 0 && { notNames }) };
  const target = { by: 'labels', type: 'Node', namespaces: { all: true }, selector: { matchExpressions } } as const;
  refer({ target: { ...target, ...filter }, field });
}

function namesIn(field: LabelRequirement | null | undefined): string[] {
  return itemsOf(field?.values).filter((name) => isName(name));
}

/** Names common to all lists. */
function inAll([first = [], ...others]: readonly string[][]): string[] {
  const sets = others.map((list) => new Set(list));
  return first.filter((name) => sets.every((set) => set.has(name)));
}

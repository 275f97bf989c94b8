// Secrets in a PersistentVolume's spec, which is also part of an inline volume's attachment.
import { isName, isRecord } from '../../src/fields.ts';
import type { Reference } from './relation.ts';

type Refer = (reference: Reference) => void;
type Spec = { readonly [field: string]: unknown } | null | undefined;

export const csiSecrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodeStageSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

/** Volume sources with a `secretRef`. */
export const withSecretRef = ['cephfs', 'cinder', 'flexVolume', 'iscsi', 'rbd', 'scaleIO', 'storageos'] as const;

/** A PersistentVolume is cluster-scoped, so its Secret references include the namespace. */
export function pointAtSecret(name: unknown, namespace: unknown, field: string, refer: Refer): void {
  if (isName(name) && isName(namespace)) refer({ target: { by: 'name', type: 'Secret', namespace, name }, field });
}

export function pointAtCsiSecrets(spec: Spec, path: string, refer: Refer): void {
  const csi = spec?.['csi'];
  if (!isRecord(csi)) return;
  for (const key of csiSecrets) {
    const ref = csi[key];
    if (isRecord(ref)) pointAtSecret(ref['name'], ref['namespace'], `${path}.csi.${key}`, refer);
  }
}

export function pointAtStorageSecrets(spec: Spec, path: string, refer: Refer): void {
  const azure = spec?.['azureFile'];
  if (isRecord(azure)) {
    // Without its own namespace the Secret is in the claim's.
    const claim = spec?.['claimRef'];
    const namespace = azure['secretNamespace'] ?? (isRecord(claim) ? claim['namespace'] : undefined);
    pointAtSecret(azure['secretName'], namespace, `${path}.azureFile.secretName`, refer);
  }
  for (const source of withSecretRef) {
    const fields = spec?.[source];
    const ref = isRecord(fields) ? fields['secretRef'] : undefined;
    if (isRecord(ref)) pointAtSecret(ref['name'], ref['namespace'], `${path}.${source}.secretRef`, refer);
  }
}

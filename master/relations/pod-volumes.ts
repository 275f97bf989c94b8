// Content of a Pod's or template's volumes: ConfigMaps, Secrets, trust bundles, claims, CSI drivers.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import { imageDigest } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { marksOf, podSpecOf, podSpecTypes } from '../../src/pod-spec.ts';
import type { Reference, Rule } from './relation.ts';

type Refer = (reference: Reference) => void;
type Fields = { readonly [field: string]: unknown };

/** A place of a reference: `source` in the volume, and `name` in that; `field` continues the volume's path. */
interface Place {
  readonly type: string;
  readonly source: string;
  readonly name: string;
  readonly field: string;
  readonly clusterScoped?: true;
}

function eachVolume(object: KubernetesObject, refer: Refer, read: (found: Volume, refer: Refer) => void): void {
  const pod = podSpecOf(object);
  if (!pod) return;
  const volumes = itemsOf(pod.spec['volumes'] as readonly Fields[] | undefined);
  const marks = marksOf(pod);
  for (let i = 0; i < volumes.length; i++) {
    const volume = volumes[i];
    if (isRecord(volume))
      read({ object, volume, template: pod.template, marks, list: `${pod.path}.volumes`, index: i }, refer);
  }
}

interface Volume {
  readonly object: KubernetesObject;
  readonly volume: Fields;
  readonly template: boolean;
  readonly marks: ReturnType<typeof marksOf>;
  readonly list: string;
  readonly index: number;
}

/** `fields` have a name; makes a reference if there is one. */
function point(found: Volume, place: Place, fields: unknown, path: string, refer: Refer): void {
  if (!isRecord(fields)) return;
  const name = fields[place.name];
  if (!isName(name)) return;
  const namespace = place.clusterScoped ? undefined : found.object.metadata.namespace;
  const target = { by: 'name', type: place.type, namespace, name } as const;
  refer({ target, field: path, optional: fields['optional'] === true || undefined, ...found.marks });
}

function direct(place: Place) {
  return (found: Volume, refer: Refer): void => {
    const fields = found.volume[place.source];
    if (fields) point(found, place, fields, `${found.list}[${found.index}].${place.field}`, refer);
  };
}

function eachProjected(found: Volume, source: string, read: (fields: Fields, path: string) => void): void {
  const projection = found.volume['projected'];
  if (!isRecord(projection)) return;
  const sources = itemsOf(projection['sources'] as readonly Fields[] | undefined);
  for (let i = 0; i < sources.length; i++) {
    const fields = sources[i]?.[source];
    if (isRecord(fields)) read(fields, `${found.list}[${found.index}].projected.sources[${i}].${source}`);
  }
}

function projected(place: Place) {
  return (found: Volume, refer: Refer): void =>
    eachProjected(found, place.source, (fields, path) => point(found, place, fields, path, refer));
}

const configMap = direct({ type: 'ConfigMap', source: 'configMap', name: 'name', field: 'configMap' });
const secret = direct({ type: 'Secret', source: 'secret', name: 'secretName', field: 'secret.secretName' });
const projectedConfigMap = projected({ type: 'ConfigMap', source: 'configMap', name: 'name', field: 'configMap' });
const projectedSecret = projected({ type: 'Secret', source: 'secret', name: 'name', field: 'secret' });
const trustBundle = projected({
  type: 'ClusterTrustBundle',
  source: 'clusterTrustBundle',
  name: 'name',
  field: 'clusterTrustBundle',
  clusterScoped: true,
});
const claimOf = direct({
  type: 'PersistentVolumeClaim',
  source: 'persistentVolumeClaim',
  name: 'claimName',
  field: 'persistentVolumeClaim.claimName',
});
/** A Pod that has not started: what its volumes need may still be created. */
function isPending(object: KubernetesObject): boolean {
  const { status } = object as { readonly status?: unknown };
  const phase = isRecord(status) ? status['phase'] : undefined;
  return phase === undefined || phase === 'Pending';
}

/** A StatefulSet creates the claims of its Pods, also while these wait. */
function isMadeBySet({ object, volume, template }: Volume): boolean {
  if (template || !isPending(object)) return false;
  const { name, ownerReferences } = object.metadata;
  if (!itemsOf(ownerReferences).some((owner) => owner?.controller === true && owner.kind === 'StatefulSet'))
    return false;
  const source = volume['persistentVolumeClaim'];
  return isRecord(source) && isName(volume['name']) && source['claimName'] === `${volume['name']}-${name}`;
}

function claim(found: Volume, refer: Refer): void {
  if (!isMadeBySet(found)) return claimOf(found, refer);
  claimOf(found, (reference) => refer({ ...reference, absence: 'pending' }));
}

const csiDriver = direct({
  type: 'CSIDriver',
  source: 'csi',
  name: 'driver',
  field: 'csi.driver',
  clusterScoped: true,
});
const azureSecret = direct({ type: 'Secret', source: 'azureFile', name: 'secretName', field: 'azureFile.secretName' });

/** Volume sources with a `secretRef` to a Secret in the Pod's namespace. */
const withSecretRef = ['cephfs', 'cinder', 'flexVolume', 'iscsi', 'rbd', 'scaleIO', 'storageos'] as const;

function secretRefs(found: Volume, refer: Refer): void {
  azureSecret(found, refer);
  for (const source of withSecretRef) {
    const fields = found.volume[source];
    if (!isRecord(fields)) continue;
    const place = { type: 'Secret', source, name: 'name', field: 'secretRef' };
    point(found, place, fields['secretRef'], `${found.list}[${found.index}].${source}.secretRef`, refer);
  }
}

function csiSecret(found: Volume, refer: Refer): void {
  const csi = found.volume['csi'];
  if (!isRecord(csi)) return;
  const place = { type: 'Secret', source: 'csi', name: 'name', field: 'nodePublishSecretRef' };
  const path = `${found.list}[${found.index}].csi.nodePublishSecretRef`;
  point(found, place, csi['nodePublishSecretRef'], path, refer);
}

/** Selected by signer and labels: the API server requires bundle names to start with the signer's, with colons for slashes. */
function trustBundlesOfSigner(found: Volume, refer: Refer): void {
  eachProjected(found, 'clusterTrustBundle', (fields, path) => {
    const { signerName, labelSelector: selector, optional } = fields;
    if (!isName(signerName) || !isRecord(selector)) return;
    const namePrefix = `${signerName.replaceAll('/', ':')}:`;
    const target = {
      by: 'labels',
      type: 'ClusterTrustBundle',
      namespaces: { all: true },
      selector,
      namePrefix,
    } as const;
    refer({ target, field: `${path}.labelSelector`, optional: optional === true || undefined, ...found.marks });
  });
}

function imageOf(found: Volume, refer: Refer): void {
  const { volume, list, index, marks } = found;
  const reference = isRecord(volume['image']) ? volume['image']['reference'] : undefined;
  if (!isName(reference)) return;
  const of = [{ by: 'key', index: 'image', key: imageDigest(reference) ?? reference }] as const;
  const target = { by: 'first', of, otherwise: { by: 'name', type: 'Image', name: reference } } as const;
  refer({ target, field: `${list}[${index}].image.reference`, ...marks });
}

/** The claim is created with its Pod; the references of its template exist already. */
function ephemeralClass(key: string, type: string) {
  return ({ volume, list, index, marks }: Volume, refer: Refer): void => {
    const ephemeral = volume['ephemeral'];
    const template = isRecord(ephemeral) ? ephemeral['volumeClaimTemplate'] : undefined;
    const spec = isRecord(template) ? template['spec'] : undefined;
    const name = isRecord(spec) ? spec[key] : undefined;
    if (!isName(name)) return;
    refer({
      target: { by: 'name', type, name },
      field: `${list}[${index}].ephemeral.volumeClaimTemplate.spec.${key}`,
      ...marks,
    });
  };
}

const ephemeralStorageClass = ephemeralClass('storageClassName', 'StorageClass');
const ephemeralAttributesClass = ephemeralClass('volumeAttributesClassName', 'VolumeAttributesClass');

/** A template does not know the Pod's name, so only a Pod knows its generated claim. */
function ephemeralClaim(found: Volume, refer: Refer): void {
  const { object, volume, template, marks, list, index } = found;
  if (template || !volume['ephemeral'] || !isName(volume['name'])) return;
  const { namespace, name: pod } = object.metadata;
  const name = `${pod}-${volume['name']}`;
  const target = { by: 'name', type: 'PersistentVolumeClaim', namespace, name } as const;
  const absence = isPending(object) ? 'pending' : undefined;
  refer({ target, field: `${list}[${index}].ephemeral`, absence, ...marks });
}

export const podVolumeConfigMap = {
  name: 'pod-volume-config-map',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['ConfigMap'],
  fields: ['spec.volumes[].configMap'],
  dependence: 'source',
  sentence: 'A Pod or template uses the ConfigMaps in its volumes.',
  infer: (object, refer) => eachVolume(object, refer, configMap),
} as const satisfies Rule;

export const podVolumeSecret = {
  name: 'pod-volume-secret',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['Secret'],
  fields: ['spec.volumes[].secret.secretName'],
  dependence: 'source',
  sentence: 'A Pod or template uses the Secrets in its volumes.',
  infer: (object, refer) => eachVolume(object, refer, secret),
} as const satisfies Rule;

export const podProjectedConfigMap = {
  name: 'pod-projected-config-map',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['ConfigMap'],
  fields: ['spec.volumes[].projected.sources[].configMap'],
  dependence: 'source',
  sentence: 'A Pod or template uses the ConfigMaps in its projected volumes.',
  infer: (object, refer) => eachVolume(object, refer, projectedConfigMap),
} as const satisfies Rule;

export const podProjectedSecret = {
  name: 'pod-projected-secret',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['Secret'],
  fields: ['spec.volumes[].projected.sources[].secret'],
  dependence: 'source',
  sentence: 'A Pod or template uses the Secrets in its projected volumes. A projected token is not a Secret.',
  infer: (object, refer) => eachVolume(object, refer, projectedSecret),
} as const satisfies Rule;

export const podProjectedTrustBundle = {
  name: 'pod-projected-trust-bundle',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['ClusterTrustBundle'],
  fields: ['spec.volumes[].projected.sources[].clusterTrustBundle'],
  dependence: 'source',
  sentence: 'A Pod or template uses the ClusterTrustBundles named in its projected volumes.',
  infer: (object, refer) => eachVolume(object, refer, trustBundle),
} as const satisfies Rule;

export const podVolumeStorageSecret = {
  name: 'pod-volume-storage-secret',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['Secret'],
  fields: [
    'spec.volumes[].azureFile.secretName',
    ...withSecretRef.map((source) => `spec.volumes[].${source}.secretRef`),
  ],
  dependence: 'source',
  sentence: 'A Pod or template uses the Secrets with the storage credentials of its volumes.',
  infer: (object, refer) => eachVolume(object, refer, secretRefs),
} as const satisfies Rule;

export const podMountsClaim = {
  name: 'pod-mounts-claim',
  relation: 'mounts',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['PersistentVolumeClaim'],
  fields: ['spec.volumes[].persistentVolumeClaim.claimName', 'status.phase'],
  dependence: 'source',
  sentence:
    "A Pod or template mounts the PersistentVolumeClaims named in its volumes. While a StatefulSet's Pod is pending, its claims may not exist yet.",
  infer: (object, refer) => eachVolume(object, refer, claim),
} as const satisfies Rule;

export const podMountsEphemeralClaim = {
  name: 'pod-mounts-ephemeral-claim',
  relation: 'mounts',
  reads: ['Pod'],
  source: ['Pod'],
  target: ['PersistentVolumeClaim'],
  fields: ['spec.volumes[].ephemeral', 'status.phase'],
  dependence: 'source',
  sentence:
    'A Pod mounts the PersistentVolumeClaim <pod>-<volume> of each ephemeral volume. It is created before the Pod runs.',
  infer: (object, refer) => eachVolume(object, refer, ephemeralClaim),
} as const satisfies Rule;

export const podVolumeCsiDriver = {
  name: 'pod-volume-csi-driver',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['CSIDriver'],
  fields: ['spec.volumes[].csi.driver'],
  dependence: 'source',
  sentence: 'A Pod or template uses the CSIDrivers of its inline volumes.',
  infer: (object, refer) => eachVolume(object, refer, csiDriver),
} as const satisfies Rule;

export const podVolumeCsiSecret = {
  name: 'pod-volume-csi-secret',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['Secret'],
  fields: ['spec.volumes[].csi.nodePublishSecretRef'],
  dependence: 'source',
  sentence: 'A Pod or template uses the nodePublish Secrets of its inline CSI volumes.',
  infer: (object, refer) => eachVolume(object, refer, csiSecret),
} as const satisfies Rule;

export const podTrustBundleOfSigner = {
  name: 'pod-trust-bundle-of-signer',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['ClusterTrustBundle'],
  fields: [
    'spec.volumes[].projected.sources[].clusterTrustBundle.labelSelector',
    'spec.volumes[].projected.sources[].clusterTrustBundle.signerName',
  ],
  dependence: 'source',
  sentence: 'A Pod or template uses the ClusterTrustBundles that its projected volumes select by signer and labels.',
  infer: (object, refer) => eachVolume(object, refer, trustBundlesOfSigner),
} as const satisfies Rule;

export const podVolumeImage = {
  name: 'pod-volume-image',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['Image'],
  fields: ['spec.volumes[].image.reference'],
  dependence: 'source',
  sentence: 'A Pod or template uses the Images in its image volumes.',
  infer: (object, refer) => eachVolume(object, refer, imageOf),
} as const satisfies Rule;

export const podEphemeralStorageClass = {
  name: 'pod-ephemeral-storage-class',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['StorageClass'],
  fields: ['spec.volumes[].ephemeral.volumeClaimTemplate.spec.storageClassName'],
  dependence: 'source',
  sentence: 'A Pod or template uses the StorageClasses of its ephemeral volumes.',
  infer: (object, refer) => eachVolume(object, refer, ephemeralStorageClass),
} as const satisfies Rule;

export const podEphemeralAttributesClass = {
  name: 'pod-ephemeral-attributes-class',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['VolumeAttributesClass'],
  fields: ['spec.volumes[].ephemeral.volumeClaimTemplate.spec.volumeAttributesClassName'],
  dependence: 'source',
  sentence: 'A Pod or template uses the VolumeAttributesClasses of its ephemeral volumes.',
  infer: (object, refer) => eachVolume(object, refer, ephemeralAttributesClass),
} as const satisfies Rule;

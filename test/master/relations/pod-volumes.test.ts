import {
  podEphemeralAttributesClass,
  podEphemeralStorageClass,
  podMountsClaim,
  podMountsEphemeralClaim,
  podProjectedConfigMap,
  podProjectedSecret,
  podProjectedTrustBundle,
  podTrustBundleOfSigner,
  podVolumeConfigMap,
  podVolumeCsiDriver,
  podVolumeCsiSecret,
  podVolumeImage,
  podVolumeSecret,
  podVolumeStorageSecret,
} from '../../../master/relations/pod-volumes.ts';
import { cronJob, deployment, named, pod, ruleCases } from '../../support/rule-cases.ts';

const volumes = (...list: object[]) => ({ volumes: [{ name: 'tmp', emptyDir: {} }, ...list] });
const token = { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } };
const projected = (...sources: object[]) => ({ name: 'v', projected: { sources: [token, ...sources] } });
const none = { says: 'a volume of another sort is none', object: pod(volumes()), refers: [] };

ruleCases(podVolumeConfigMap, [
  {
    says: 'a Pod uses the ConfigMap of a volume',
    object: pod(volumes({ name: 'v', configMap: { name: 'web' } })),
    refers: [{ target: named('ConfigMap', 'web', 'shop'), field: 'spec.volumes[1].configMap' }],
  },
  {
    says: 'an optional one is marked',
    object: pod(volumes({ name: 'v', configMap: { name: 'web', optional: true } })),
    refers: [{ target: named('ConfigMap', 'web', 'shop'), field: 'spec.volumes[1].configMap', optional: true }],
  },
  none,
]);

ruleCases(podVolumeSecret, [
  {
    says: 'a Pod uses the Secret of a plain secret volume',
    object: pod(volumes({ name: 'v', secret: { secretName: 'tls' } })),
    refers: [{ target: named('Secret', 'tls', 'shop'), field: 'spec.volumes[1].secret.secretName' }],
  },
  {
    says: 'a template says it as a template, and an optional one is marked',
    object: cronJob(volumes({ name: 'v', secret: { secretName: 'tls', optional: true } })),
    refers: [
      {
        target: named('Secret', 'tls', 'shop'),
        field: 'spec.jobTemplate.spec.template.spec.volumes[1].secret.secretName',
        optional: true,
        template: true,
      },
    ],
  },
  none,
]);

ruleCases(podProjectedConfigMap, [
  {
    says: 'a Pod uses the ConfigMaps that a projected volume gathers',
    object: pod(volumes(projected({ configMap: { name: 'kube-root-ca.crt' } }, { downwardAPI: {} }))),
    refers: [
      {
        target: named('ConfigMap', 'kube-root-ca.crt', 'shop'),
        field: 'spec.volumes[1].projected.sources[1].configMap',
      },
    ],
  },
  none,
]);

ruleCases(podProjectedSecret, [
  {
    says: 'a Pod uses the Secrets that a projected volume gathers, optional or not',
    object: pod(volumes(projected({ secret: { name: 'a', optional: true } }, { secret: { name: 'b' } }))),
    refers: [
      { target: named('Secret', 'a', 'shop'), field: 'spec.volumes[1].projected.sources[1].secret', optional: true },
      { target: named('Secret', 'b', 'shop'), field: 'spec.volumes[1].projected.sources[2].secret' },
    ],
  },
  { says: 'a projected service account token is no Secret', object: pod(volumes(projected())), refers: [] },
]);

ruleCases(podProjectedTrustBundle, [
  {
    says: 'a Pod uses the trust bundle that a projected volume names; it lies in no namespace',
    object: deployment(volumes(projected({ clusterTrustBundle: { name: 'corp', path: 'ca.pem' } }))),
    refers: [
      {
        target: named('ClusterTrustBundle', 'corp'),
        field: 'spec.template.spec.volumes[1].projected.sources[1].clusterTrustBundle',
        template: true,
      },
    ],
  },
  {
    says: 'bundles that are chosen by signer are named by nobody',
    object: pod(volumes(projected({ clusterTrustBundle: { signerName: 'corp.io/ca', path: 'ca.pem' } }))),
    refers: [],
  },
]);

ruleCases(podVolumeStorageSecret, [
  {
    says: 'a Pod uses the Secrets by which its volumes reach their storage',
    object: pod(
      volumes(
        { name: 'a', azureFile: { secretName: 'azure', shareName: 's' } },
        { name: 'b', cephfs: { monitors: ['m'], secretRef: { name: 'ceph' } } },
        { name: 'c', iscsi: { secretRef: { name: 'chap' } } },
      ),
    ),
    refers: [
      { target: named('Secret', 'azure', 'shop'), field: 'spec.volumes[1].azureFile.secretName' },
      { target: named('Secret', 'ceph', 'shop'), field: 'spec.volumes[2].cephfs.secretRef' },
      { target: named('Secret', 'chap', 'shop'), field: 'spec.volumes[3].iscsi.secretRef' },
    ],
  },
  none,
]);

ruleCases(podMountsClaim, [
  {
    says: 'a Pod mounts the claim that its volume names',
    object: pod(volumes({ name: 'v', persistentVolumeClaim: { claimName: 'data' } })),
    refers: [
      {
        target: named('PersistentVolumeClaim', 'data', 'shop'),
        field: 'spec.volumes[1].persistentVolumeClaim.claimName',
      },
    ],
  },
  {
    says: 'a template mounts as a template',
    object: deployment(volumes({ name: 'v', persistentVolumeClaim: { claimName: 'data' } })),
    refers: [
      {
        target: named('PersistentVolumeClaim', 'data', 'shop'),
        field: 'spec.template.spec.volumes[1].persistentVolumeClaim.claimName',
        template: true,
      },
    ],
  },
  {
    says: 'the claim that a StatefulSet makes is still to be made while its Pod waits; another claim is not',
    object: pod(
      volumes(
        { name: 'data', persistentVolumeClaim: { claimName: 'data-web-0' } },
        { name: 'shared', persistentVolumeClaim: { claimName: 'data-web-1' } },
      ),
      { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'u', controller: true }] },
    ),
    refers: [
      {
        target: named('PersistentVolumeClaim', 'data-web-0', 'shop'),
        field: 'spec.volumes[1].persistentVolumeClaim.claimName',
        absence: 'pending',
      },
      {
        target: named('PersistentVolumeClaim', 'data-web-1', 'shop'),
        field: 'spec.volumes[2].persistentVolumeClaim.claimName',
      },
    ],
  },
  none,
]);

ruleCases(podMountsEphemeralClaim, [
  {
    says: 'a Pod mounts the claim that is made for its ephemeral volume, named after both',
    object: pod(volumes({ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: {} } } })),
    refers: [
      {
        target: named('PersistentVolumeClaim', 'web-0-scratch', 'shop'),
        field: 'spec.volumes[1].ephemeral',
        absence: 'pending',
      },
    ],
  },
  {
    says: 'what a Pod that runs mounts has been made',
    object: {
      ...pod(volumes({ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: {} } } })),
      status: { phase: 'Running' },
    },
    refers: [{ target: named('PersistentVolumeClaim', 'web-0-scratch', 'shop'), field: 'spec.volumes[1].ephemeral' }],
  },
  none,
]);

ruleCases(podVolumeCsiDriver, [
  {
    says: 'a Pod uses the driver of an inline volume',
    object: pod(volumes({ name: 'v', csi: { driver: 'secrets-store.csi.k8s.io' } })),
    refers: [{ target: named('CSIDriver', 'secrets-store.csi.k8s.io'), field: 'spec.volumes[1].csi.driver' }],
  },
  none,
]);

ruleCases(podVolumeCsiSecret, [
  {
    says: 'a Pod uses the Secret that an inline volume is published with',
    object: pod(volumes({ name: 'v', csi: { driver: 'd', nodePublishSecretRef: { name: 'vault' } } })),
    refers: [{ target: named('Secret', 'vault', 'shop'), field: 'spec.volumes[1].csi.nodePublishSecretRef' }],
  },
  none,
]);

const holding = (...list: object[]) => ({ volumes: list });
const bundle = (fields: object) => holding({ name: 'v', projected: { sources: [{ clusterTrustBundle: fields }] } });

ruleCases(podTrustBundleOfSigner, [
  {
    says: 'bundles of a signer are selected by labels, and begin with its name',
    object: pod(bundle({ signerName: 'example.org/ca', labelSelector: { matchLabels: { v: 'live' } } })),
    refers: [
      {
        target: {
          by: 'labels',
          type: 'ClusterTrustBundle',
          namespaces: { all: true },
          selector: { matchLabels: { v: 'live' } },
          namePrefix: 'example.org:ca:',
        },
        field: 'spec.volumes[0].projected.sources[0].clusterTrustBundle.labelSelector',
      },
    ],
  },
  { says: 'without a selector none is taken', object: pod(bundle({ signerName: 'example.org/ca' })), refers: [] },
]);

const digest = `sha256:${'a'.repeat(64)}`;
const imageEnd = (key: string, name: string) =>
  ({ by: 'first', of: [{ by: 'key', index: 'image', key }], otherwise: { by: 'name', type: 'Image', name } }) as const;

ruleCases(podVolumeImage, [
  {
    says: 'a volume may be an image, by its tag',
    object: pod(holding({ name: 'v', image: { reference: 'quay.example.org/llm:v2' } })),
    refers: [
      {
        target: imageEnd('quay.example.org/llm:v2', 'quay.example.org/llm:v2'),
        field: 'spec.volumes[0].image.reference',
      },
    ],
  },
  {
    says: 'or by its digest',
    object: deployment(holding({ name: 'v', image: { reference: `quay.example.org/llm@${digest}` } })),
    refers: [
      {
        target: imageEnd(digest, `quay.example.org/llm@${digest}`),
        field: 'spec.template.spec.volumes[0].image.reference',
        template: true,
      },
    ],
  },
  { says: 'most volumes are none', object: pod(holding({ name: 'v', emptyDir: {} })), refers: [] },
]);

for (const [rule, field, type] of [
  [podEphemeralStorageClass, 'storageClassName', 'StorageClass'],
  [podEphemeralAttributesClass, 'volumeAttributesClassName', 'VolumeAttributesClass'],
] as const) {
  const ephemeral = (spec: object) => holding({ name: 'v', ephemeral: { volumeClaimTemplate: { spec } } });
  ruleCases(rule, [
    {
      says: 'a Pod uses the classes of the claims that come with it',
      object: pod(ephemeral({ [field]: 'fast' })),
      refers: [{ target: named(type, 'fast'), field: `spec.volumes[0].ephemeral.volumeClaimTemplate.spec.${field}` }],
    },
    { says: 'a claim of the default class names none', object: pod(ephemeral({})), refers: [] },
  ]);
}

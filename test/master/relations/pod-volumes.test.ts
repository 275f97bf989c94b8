import {
  podMountsClaim,
  podMountsEphemeralClaim,
  podProjectedConfigMap,
  podProjectedSecret,
  podProjectedTrustBundle,
  podVolumeConfigMap,
  podVolumeCsiDriver,
  podVolumeCsiSecret,
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
  none,
]);

ruleCases(podMountsEphemeralClaim, [
  {
    says: 'a Pod mounts the claim that is made for its ephemeral volume, named after both',
    object: pod(volumes({ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: {} } } })),
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

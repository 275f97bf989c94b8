// Required references to objects that do not exist.
import {
  configOlderThanPods,
  keyMissing,
  policyBindingDangling,
  referenceLostLatent,
  referenceMissing,
  storageClassMissing,
  tlsSecretMissing,
  volumeSecretMissing,
} from '../../../master/findings/references.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, deployment, ingress, owner, pod } from '../../support/finding-graph.ts';

const fromMap = (name: string, more: object = {}) => ({
  containers: [{ name: 'main', envFrom: [{ configMapRef: { name, ...more } }] }],
});
const replicaSet = an(
  'ReplicaSet',
  'shop/web-1',
  { spec: { template: deployment('web', fromMap('gone')).spec } },
  owner('Deployment', 'shop/web'),
);
const podOf = (name: string, ready: boolean) =>
  pod(name, fromMap('gone'), { ready }, { ...owner('ReplicaSet', 'shop/web-1'), labels: { app: 'web' } });

findingCases(referenceMissing, [
  {
    says: 'a template and its Pods are one finding, of the Deployment',
    objects: [deployment('web', fromMap('gone')), replicaSet, podOf('web-1-a', false), podOf('web-1-b', false)],
    finds: ['Deployment:shop/web'],
    and: {
      severity: 'critical',
      field: 'spec.template.spec.containers[0].envFrom[0].configMapRef',
      sentence: /ConfigMap shop\/gone/,
    },
  },
  { says: 'what is optional', objects: [deployment('web', fromMap('gone', { optional: true }))], finds: [] },
  { says: 'a workload scaled to 0', objects: [deployment('web', fromMap('gone'), { replicas: 0 })], finds: [] },
  {
    says: 'a Pod that has ended',
    objects: [pod('done', fromMap('gone'), { ready: false, phase: 'Succeeded' })],
    finds: [],
  },
  {
    says: 'ConfigMaps that cannot be read',
    objects: [deployment('web', fromMap('gone'))],
    unknown: ['ConfigMap'],
    finds: [],
  },
  {
    says: 'it is there now',
    objects: [deployment('web', fromMap('gone'))],
    afterwards: (graph) => graph.put(an('ConfigMap', 'shop/gone')),
    finds: [],
  },
  {
    says: 'it stays while the kind is listed again',
    objects: [deployment('web', fromMap('gone'))],
    afterwards: (graph) => graph.state('ConfigMap', 'stale', 'the watch broke off'),
    finds: ['Deployment:shop/web'],
  },
  {
    says: 'all its Pods run all the same: that is another finding',
    objects: [deployment('web', fromMap('gone')), replicaSet, podOf('web-1-a', true)],
    finds: [],
  },
]);

findingCases(referenceLostLatent, [
  {
    says: 'it was deleted after the Pods had started',
    objects: [deployment('web', fromMap('gone')), replicaSet, podOf('web-1-a', true)],
    finds: ['Deployment:shop/web'],
    and: { class: 'risk', severity: 'high' },
  },
  {
    says: 'one of the Pods waits for it',
    objects: [deployment('web', fromMap('gone')), replicaSet, podOf('web-1-a', false)],
    finds: [],
  },
]);

const withKey = (key: string, more: object = {}) => ({
  containers: [
    { name: 'main', env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'config', key, ...more } } }] },
  ],
});

findingCases(keyMissing, [
  {
    says: 'a key that the ConfigMap does not have',
    objects: [deployment('web', withKey('b')), an('ConfigMap', 'shop/config', { data: { a: '1' } })],
    finds: ['Deployment:shop/web'],
    and: { sentence: /"b"/ },
  },
  {
    says: 'one that it has',
    objects: [deployment('web', withKey('a')), an('ConfigMap', 'shop/config', { data: { a: '1' } })],
    finds: [],
  },
  {
    says: 'in its binary data',
    objects: [deployment('web', withKey('b')), an('ConfigMap', 'shop/config', { binaryData: { b: 'AA==' } })],
    finds: [],
  },
  {
    says: 'an optional one',
    objects: [deployment('web', withKey('b', { optional: true })), an('ConfigMap', 'shop/config', { data: {} })],
    finds: [],
  },
]);

const tls = { tls: [{ hosts: ['shop.example'], secretName: 'cert' }] };

findingCases(tlsSecretMissing, [
  {
    says: 'the Secret does not exist',
    objects: [ingress('shop', 'shop.example', 'cart', tls)],
    finds: ['Ingress:shop/shop'],
  },
  {
    says: 'a Certificate is to issue it, and it is young',
    objects: [
      ingress('shop', 'shop.example', 'cart', tls, { creationTimestamp: ago(5) }),
      an('cert-manager.io/v1 Certificate', 'shop/cert', { spec: { secretName: 'cert' } }),
    ],
    finds: [],
  },
  { says: 'it exists', objects: [ingress('shop', 'shop.example', 'cart', tls), an('Secret', 'shop/cert')], finds: [] },
  {
    says: 'Secrets that cannot be read',
    objects: [ingress('shop', 'shop.example', 'cart', tls)],
    unknown: ['Secret'],
    finds: [],
  },
]);

const volume = (name: string, phase = 'Bound') =>
  an('PersistentVolume', name, {
    spec: { csi: { driver: 'disk', nodeStageSecretRef: { name: 'login', namespace: 'platform' } } },
    status: { phase },
  });

findingCases(volumeSecretMissing, [
  {
    says: 'one finding of the Secret, whatever the volumes',
    objects: [volume('v1'), volume('v2')],
    finds: ['Secret:platform/login'],
  },
  { says: 'volumes that nobody has claimed', objects: [volume('v1', 'Available')], finds: [] },
  { says: 'it exists', objects: [volume('v1'), an('Secret', 'platform/login')], finds: [] },
]);

const claim = (phase: string, more: object = {}) =>
  an('PersistentVolumeClaim', 'shop/data', { spec: { storageClassName: 'fast', ...more }, status: { phase } });
const disk = (more: object, phase?: string, metadata: object = {}) =>
  an('PersistentVolume', 'disk', { spec: { storageClassName: 'fast', ...more }, status: { phase } }, metadata);

findingCases(storageClassMissing, [
  {
    says: 'a claim that waits for a class that does not exist',
    objects: [claim('Pending')],
    finds: ['PersistentVolumeClaim:shop/data'],
  },
  { says: 'of a bound one the class is but a name', objects: [claim('Bound')], finds: [] },
  { says: 'it exists', objects: [claim('Pending'), an('StorageClass', 'fast')], finds: [] },
  {
    says: 'a volume of that class is available: the class is a label',
    objects: [claim('Pending'), disk({}, 'Available')],
    finds: [],
  },
  {
    says: 'all volumes of that class that were made by hand are taken: the claim waits for another one',
    objects: [claim('Pending'), disk({ claimRef: { namespace: 'shop', name: 'other', uid: 'u' } }, 'Bound')],
    finds: [],
  },
  {
    says: 'a volume is reserved for the claim',
    objects: [claim('Pending'), disk({ storageClassName: 'slow', claimRef: { namespace: 'shop', name: 'data' } })],
    finds: [],
  },
  {
    says: 'the claim names a volume',
    objects: [claim('Pending', { volumeName: 'disk' }), disk({ storageClassName: 'slow' }, 'Available')],
    finds: [],
  },
  {
    says: 'a volume of another class does not help',
    objects: [claim('Pending'), disk({ storageClassName: 'slow' }, 'Available')],
    finds: ['PersistentVolumeClaim:shop/data'],
  },
  {
    says: 'nor do the taken volumes of a provisioner whose class was deleted',
    objects: [
      claim('Pending'),
      disk({ claimRef: { namespace: 'shop', name: 'other', uid: 'u' } }, 'Bound', {
        annotations: { 'pv.kubernetes.io/provisioned-by': 'csi.example' },
      }),
    ],
    finds: ['PersistentVolumeClaim:shop/data'],
  },
  {
    says: 'a volume of a provisioner is free again',
    objects: [
      claim('Pending'),
      disk({}, 'Available', { annotations: { 'pv.kubernetes.io/provisioned-by': 'csi.example' } }),
    ],
    finds: [],
  },
  {
    says: 'the volume comes later',
    objects: [claim('Pending')],
    afterwards: (graph) => graph.put(disk({}, 'Available')),
    finds: [],
  },
  {
    says: 'PersistentVolumes that cannot be read',
    objects: [claim('Pending')],
    unknown: ['PersistentVolume'],
    finds: [],
  },
]);

findingCases(policyBindingDangling, [
  {
    says: 'a policy that does not exist',
    objects: [an('ValidatingAdmissionPolicyBinding', 'rule', { spec: { policyName: 'gone' } })],
    finds: ['ValidatingAdmissionPolicyBinding:rule'],
  },
  {
    says: 'one that does',
    objects: [
      an('ValidatingAdmissionPolicyBinding', 'rule', { spec: { policyName: 'here' } }),
      an('ValidatingAdmissionPolicy', 'here'),
    ],
    finds: [],
  },
]);

const config = (value: string) => an('ConfigMap', 'shop/gone', { data: { a: value } });
/** Only sizes of a ConfigMap's contents are stored, so another length is another content. */
const later = (graph: { now: number; put: (object: ReturnType<typeof config>) => void }) => {
  graph.now += 60_000;
  graph.put(config('longer'));
};

findingCases(configOlderThanPods, [
  {
    says: 'it changed after the Pods had started',
    objects: [config('1'), pod('a', fromMap('gone'))],
    afterwards: later,
    finds: ['Pod:shop/a'],
    and: { sentence: /runs with the old values/ },
  },
  {
    says: 'a change of its labels is none',
    objects: [config('1'), pod('a', fromMap('gone'))],
    afterwards: (graph) =>
      graph.put({ ...config('1'), metadata: { name: 'gone', namespace: 'shop', labels: { a: 'b' } } }),
    finds: [],
  },
  {
    says: 'a volume is renewed by the kubelet',
    objects: [config('1'), pod('a', { volumes: [{ name: 'v', configMap: { name: 'gone' } }] })],
    afterwards: later,
    finds: [],
  },
]);

// A namespace for experiments: devices, inference, attached policies, and references that few clusters have.
import type { KubernetesObject } from '../../model.ts';
import { condition, type Fields, make } from './make.ts';

const gateway = 'gateway.networking.k8s.io';

export function labObjects(): KubernetesObject[] {
  return [...traffic(), ...storage(), ...devices(), ...admission(), ...bookkeeping(), ...workloads()];
}

function traffic(): KubernetesObject[] {
  const authority = { group: '', kind: 'ConfigMap', name: 'authority' };
  const listener = {
    name: 'https',
    port: 443,
    protocol: 'HTTPS',
    tls: { certificateRefs: [{ name: 'lab-tls' }], frontendValidation: { caCertificateRefs: [authority] } },
  };
  return [
    make('v1', 'ConfigMap', 'lab/authority', { data: { 'ca.crt': 'PEM' } }),
    make('v1', 'Secret', 'lab/lab-tls', { type: 'kubernetes.io/tls', data: { 'tls.crt': 'UEVN', 'tls.key': 'UEVN' } }),
    make(`${gateway}/v1`, 'Gateway', 'lab/lab', { spec: { gatewayClassName: 'public', listeners: [listener] } }),
    make(`${gateway}/v1`, 'HTTPRoute', 'lab/chat', {
      spec: {
        parentRefs: [{ name: 'lab' }],
        rules: [
          {
            filters: [
              {
                type: 'ExtensionRef',
                extensionRef: { group: 'acme.example.com', kind: 'StorageBucket', name: 'chats' },
              },
            ],
            backendRefs: [
              { group: 'inference.networking.k8s.io', kind: 'InferencePool', name: 'chat', weight: 1 },
              { name: 'chat-picker', port: 9002, weight: 0 },
            ],
          },
        ],
      },
    }),
    make('inference.networking.k8s.io/v1', 'InferencePool', 'lab/chat', {
      spec: {
        selector: { matchLabels: { app: 'chat' } },
        targetPorts: [{ number: 8000 }],
        endpointPickerRef: { name: 'chat-picker', port: { number: 9002 } },
      },
    }),
    make('v1', 'Service', 'lab/chat-picker', { spec: { ...cluster('10.96.7.2'), selector: { app: 'chat-picker' } } }),
    make(`${gateway}/v1`, 'BackendTLSPolicy', 'lab/chat', {
      spec: {
        targetRefs: [{ group: '', kind: 'Service', name: 'chat-picker' }],
        validation: { caCertificateRefs: [authority], hostname: 'chat.example.com' },
      },
    }),
    make('acme.example.com/v1', 'RateLimit', 'lab/all-routes', {
      spec: { targetSelectors: [{ group: gateway, kind: 'HTTPRoute', matchLabels: { limited: 'true' } }] },
    }),
    make('networking.k8s.io/v1', 'IngressClass', 'standard', {
      annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' },
      spec: { controller: 'k8s.io/ingress-nginx' },
    }),
    make('networking.k8s.io/v1', 'IPAddress', '10.96.7.2', {
      spec: { parentRef: { group: '', resource: 'services', namespace: 'lab', name: 'chat-picker' } },
    }),
  ];
}

function cluster(ip: string): Fields {
  return { type: 'ClusterIP', clusterIP: ip, clusterIPs: [ip], ipFamilies: ['IPv4'], ports: [{ port: 9002 }] };
}

function storage(): KubernetesObject[] {
  const group = 'storage.k8s.io/v1';
  const secretRef = { name: 'lab-tls', namespace: 'lab' };
  const inlineVolumeSpec = {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
    csi: { driver: 'disk.csi.example.com', volumeHandle: 'vol-lab', controllerPublishSecretRef: secretRef },
  };
  return [
    make(group, 'VolumeAttributesClass', 'gold', { driverName: 'disk.csi.example.com', parameters: { iops: '9000' } }),
    make(group, 'CSIStorageCapacity', 'lab/zone-a', {
      storageClassName: 'standard',
      capacity: '2Ti',
      nodeTopology: {},
    }),
    make('v1', 'PersistentVolumeClaim', 'lab/results', {
      spec: { ...claim(), volumeName: 'results', storageClassName: 'standard', volumeAttributesClassName: 'gold' },
      status: { phase: 'Bound' },
    }),
    make('v1', 'PersistentVolume', 'results', {
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        csi: { driver: 'disk.csi.example.com', volumeHandle: 'vol-results' },
        storageClassName: 'standard',
        volumeAttributesClassName: 'gold',
      },
      status: { phase: 'Available' },
    }),
    make(group, 'VolumeAttachment', 'csi-lab', {
      spec: { attacher: 'disk.csi.example.com', nodeName: 'node-b', source: { inlineVolumeSpec } },
      status: { attached: true },
    }),
  ];
}

function claim(): Fields {
  return { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
}

function devices(): KubernetesObject[] {
  const group = 'resource.k8s.io/v1';
  const terms = [{ matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values: ['linux'] }] }];
  const nodeSelector = { nodeSelectorTerms: terms };
  return [
    make(group, 'ResourceClaim', 'lab/shared', {
      spec: { devices: { requests: [{ name: 'net', exactly: { deviceClassName: 'gpu.example.com' } }] } },
      status: { allocation: { nodeSelector, devices: { results: [] } } },
    }),
    make(group, 'ResourceSlice', 'fabric', {
      spec: { driver: 'net.example.com', pool: { name: 'fabric', generation: 1, resourceSliceCount: 1 }, nodeSelector },
    }),
  ];
}

function admission(): KubernetesObject[] {
  const group = 'admissionregistration.k8s.io/v1';
  const namespaceSelector = { matchLabels: { team: 'lab' } };
  return [
    make(group, 'MutatingAdmissionPolicy', 'lab-labels', {
      spec: {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        matchConstraints: {
          namespaceSelector,
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
        },
        reinvocationPolicy: 'Never',
        mutations: [
          {
            patchType: 'ApplyConfiguration',
            applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: {"team": "lab"}}}' },
          },
        ],
      },
    }),
    make(group, 'MutatingAdmissionPolicyBinding', 'lab-labels', {
      spec: {
        policyName: 'lab-labels',
        paramRef: { name: 'authority', namespace: 'lab', parameterNotFoundAction: 'Deny' },
      },
    }),
  ];
}

function bookkeeping(): KubernetesObject[] {
  const subjects = [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'lab', name: 'default' } }];
  const resourceRules = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['lab'] }];
  return [
    make('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', 'lab', {
      spec: { type: 'Limited', limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Reject' } } },
    }),
    make('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', 'lab', {
      spec: {
        priorityLevelConfiguration: { name: 'lab' },
        matchingPrecedence: 5000,
        rules: [{ subjects, resourceRules }],
      },
    }),
    make('certificates.k8s.io/v1', 'CertificateSigningRequest', 'csr-lab', {
      spec: {
        signerName: 'kubernetes.io/kube-apiserver-client',
        username: 'system:serviceaccount:lab:default',
        request: 'UEVN',
        usages: ['client auth'],
      },
      status: { conditions: [condition('Approved')] },
    }),
    make('scheduling.k8s.io/v1', 'PriorityClass', 'usual', { value: 0, globalDefault: true }),
    make('argoproj.io/v1alpha1', 'Application', 'argocd/lab-in-europe', {
      spec: {
        project: 'default',
        destination: { server: 'https://lab.eu.example.com', namespace: 'lab' },
        source: { repoURL: 'https://git.example.com/lab.git', path: 'lab' },
      },
      status: { resources: [{ group: 'apps', kind: 'Deployment', namespace: 'lab', name: 'chat', status: 'Synced' }] },
    }),
    make('argoproj.io/v1alpha1', 'AppProject', 'argocd/default', { spec: { sourceRepos: ['*'], destinations: [] } }),
    make('autoscaling/v2', 'HorizontalPodAutoscaler', 'lab/chat', {
      spec: {
        minReplicas: 1,
        maxReplicas: 4,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'chat' },
        metrics: [
          {
            type: 'Object',
            object: {
              describedObject: { apiVersion: `${gateway}/v1`, kind: 'HTTPRoute', name: 'chat' },
              metric: { name: 'requests-per-second' },
              target: { type: 'Value', value: '100' },
            },
          },
        ],
      },
    }),
  ];
}

/** Scaled to zero: selectors of its Pods match its template. */
function workloads(): KubernetesObject[] {
  const app = { app: 'chat' };
  const volumes = [
    { name: 'model', image: { reference: 'registry.example.com/models/chat:2' } },
    {
      name: 'trust',
      projected: {
        sources: [
          {
            clusterTrustBundle: {
              signerName: 'example.com/lab',
              labelSelector: { matchLabels: { use: 'lab' } },
              path: 'ca.pem',
            },
          },
        ],
      },
    },
    {
      name: 'scratch',
      ephemeral: { volumeClaimTemplate: { spec: { ...claim(), volumeAttributesClassName: 'gold' } } },
    },
  ];
  const template = {
    metadata: { labels: app },
    spec: { containers: [{ name: 'chat', image: 'registry.example.com/chat:2' }], volumes },
  };
  return [
    make('apps/v1', 'Deployment', 'lab/chat', {
      labels: app,
      spec: { replicas: 0, selector: { matchLabels: app }, template },
      status: {},
    }),
    make('apps/v1', 'StatefulSet', 'lab/trials', {
      spec: {
        replicas: 0,
        serviceName: '',
        selector: { matchLabels: { app: 'trials' } },
        template: {
          metadata: { labels: { app: 'trials' } },
          spec: { containers: [{ name: 'trial', image: 'registry.example.com/trial:1' }] },
        },
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { ...claim(), volumeAttributesClassName: 'gold' } }],
      },
      status: {},
    }),
    make('v1', 'Pod', 'lab/trial-0', {
      labels: { app: 'trial' },
      spec: {
        schedulerName: 'default-scheduler',
        serviceAccountName: 'default',
        priority: 0,
        containers: [{ name: 'trial', image: 'registry.example.com/trial:1' }],
      },
      status: { phase: 'Pending', nominatedNodeName: 'node-b', conditions: [condition('PodScheduled', 'False')] },
    }),
  ];
}

// Network policies of all forms, quotas and limits, priority and runtime classes, device claims.
import type { KubernetesObject } from '../../model.ts';
import { type Fields, make } from './make.ts';
import { deviceRequest } from './pods.ts';

export function policyObjects(): KubernetesObject[] {
  return [...networkPolicies(), ...limits(), ...classes(), ...devices()];
}

function networkPolicies(): KubernetesObject[] {
  const policy = (path: string, spec: Fields) => make('networking.k8s.io/v1', 'NetworkPolicy', path, { spec });
  const web = { matchLabels: { 'kubernetes.io/metadata.name': 'web' } };
  return [
    policy('data/deny-all', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
    // Both selectors in one entry: these Pods in these namespaces.
    policy('data/from-web', {
      podSelector: { matchLabels: { app: 'pg' } },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [
            { namespaceSelector: web, podSelector: { matchLabels: { app: 'storefront' } } },
            { podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['ledger', 'backup'] }] } },
          ],
          ports: [{ protocol: 'TCP', port: 5432 }],
        },
      ],
    }),
    // Without policyTypes: Ingress, and Egress because of the egress rules.
    policy('web/storefront', {
      podSelector: { matchLabels: { app: 'storefront' } },
      ingress: [
        {
          from: [
            { ipBlock: { cidr: '203.0.113.0/24', except: ['203.0.113.128/25'] } },
            { namespaceSelector: { matchLabels: { team: 'platform' } } },
          ],
        },
      ],
      egress: [
        {
          to: [
            { namespaceSelector: { matchLabels: { team: 'data' } } },
            { namespaceSelector: {}, podSelector: { matchLabels: { app: 'cart' } } },
            { ipBlock: { cidr: '198.51.100.0/24' } },
          ],
        },
      ],
    }),
    // An empty rule allows everything.
    policy('web/open', {
      podSelector: { matchLabels: { app: 'edge-cache' } },
      policyTypes: ['Ingress'],
      ingress: [{}],
    }),
  ];
}

function limits(): KubernetesObject[] {
  const hard = { pods: '50', 'requests.cpu': '20', 'requests.memory': '40Gi' };
  return [
    make('v1', 'ResourceQuota', 'web/compute', {
      spec: { hard },
      status: { hard, used: { pods: '11', 'requests.cpu': '64', 'requests.memory': '0' } },
    }),
    make('v1', 'LimitRange', 'web/defaults', {
      spec: { limits: [{ type: 'Container', default: { memory: '512Mi' }, defaultRequest: { cpu: '100m' } }] },
    }),
  ];
}

function classes(): KubernetesObject[] {
  return [
    make('scheduling.k8s.io/v1', 'PriorityClass', 'business-critical', {
      value: 100000,
      description: 'What earns the money.',
      preemptionPolicy: 'PreemptLowerPriority',
    }),
    make('node.k8s.io/v1', 'RuntimeClass', 'sandboxed', {
      handler: 'runsc',
      scheduling: { nodeSelector: { 'demo.example.com/disk': 'ssd' } },
    }),
  ];
}

function devices(): KubernetesObject[] {
  return [
    make('resource.k8s.io/v1', 'DeviceClass', 'accelerator.example.com', {
      spec: { selectors: [{ cel: { expression: 'device.driver == "accelerator.example.com"' } }] },
    }),
    make('resource.k8s.io/v1', 'ResourceClaimTemplate', 'web/accelerator', { spec: { spec: deviceRequest } }),
    make('resource.k8s.io/v1', 'ResourceClaim', 'web/shared-accelerator', { spec: deviceRequest, status: {} }),
    make('resource.k8s.io/v1', 'ResourceSlice', 'node-b-accelerator.example.com', {
      spec: {
        driver: 'accelerator.example.com',
        nodeName: 'node-b',
        pool: { name: 'node-b', generation: 1, resourceSliceCount: 1 },
        devices: [{ name: 'acc-0' }],
      },
    }),
  ];
}

// Extensions of the API server: webhooks, policies with bindings, aggregated APIs.
import type { KubernetesObject } from '../../model.ts';
import { condition, type Fields, make } from './make.ts';
import { deployment, service } from './workloads.ts';

const group = 'admissionregistration.k8s.io/v1';
const matched = [
  { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: 'Namespaced' },
];
const webhook = (name: string, clientConfig: Fields) => ({
  name,
  clientConfig,
  rules: matched,
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  failurePolicy: 'Ignore',
  timeoutSeconds: 10,
});
const calls = (namespace: string, name: string, path: string) => ({
  service: { namespace, name, path, port: 443 },
  caBundle: 'ZGVtbw==',
});

export function admissionObjects(): KubernetesObject[] {
  return [...webhookServer(), ...webhooks(), ...policies(), ...aggregated()];
}

function webhookServer(): KubernetesObject[] {
  const labels = { app: 'acme-webhook' };
  return [
    ...deployment({
      path: 'platform/acme-webhook',
      replicas: 1,
      labels,
      ip: 100,
      spec: {
        containers: [
          { name: 'webhook', image: 'registry.example.com/acme/webhook:1.3', ports: [{ containerPort: 8443 }] },
        ],
      },
    }),
    service({
      path: 'platform/acme-webhook',
      selector: labels,
      ports: [{ port: 443, targetPort: 8443 }],
      clusterIP: '10.96.40.1',
    }),
    // The same name in another namespace: unused.
    service({ path: 'web/acme-webhook', ports: [{ port: 443 }], clusterIP: '10.96.40.2' }),
  ];
}

function webhooks(): KubernetesObject[] {
  return [
    make(group, 'MutatingWebhookConfiguration', 'acme-defaults', {
      webhooks: [webhook('defaults.acme.example.com', calls('platform', 'acme-webhook', '/mutate'))],
    }),
    make(group, 'ValidatingWebhookConfiguration', 'acme-rules', {
      webhooks: [
        webhook('rules.acme.example.com', calls('platform', 'acme-webhook', '/validate')),
        webhook('audit.example.com', { url: 'https://audit.example.com/review' }),
        webhook('gone.example.com', calls('platform', 'gone-webhook', '/')),
      ],
    }),
  ];
}

function policies(): KubernetesObject[] {
  const paramKind = { apiVersion: 'acme.example.com/v1', kind: 'Widget' };
  const binding = (name: string, spec: Fields) => make(group, 'ValidatingAdmissionPolicyBinding', name, { spec });
  return [
    make(group, 'ValidatingAdmissionPolicy', 'replica-limit', {
      spec: {
        failurePolicy: 'Fail',
        paramKind,
        matchConstraints: {
          resourceRules: [
            { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] },
          ],
        },
        validations: [{ expression: 'object.spec.replicas <= params.spec.size' }],
      },
      status: { observedGeneration: 1, typeChecking: {} },
    }),
    binding('replica-limit-shop', {
      policyName: 'replica-limit',
      validationActions: ['Deny'],
      paramRef: { name: 'big-one', namespace: 'shop', parameterNotFoundAction: 'Deny' },
    }),
    binding('replica-limit-all', {
      policyName: 'replica-limit',
      validationActions: ['Audit'],
      paramRef: { selector: { matchLabels: { limit: 'true' } }, parameterNotFoundAction: 'Allow' },
    }),
    make(group, 'MutatingAdmissionPolicy', 'team-label', {
      spec: {
        failurePolicy: 'Ignore',
        reinvocationPolicy: 'Never',
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        },
        mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
      },
    }),
    make(group, 'MutatingAdmissionPolicyBinding', 'team-label', { spec: { policyName: 'team-label' } }),
    binding('without-policy', { policyName: 'deleted-policy', validationActions: ['Warn'] }),
  ];
}

/** Groups served by the API server itself, and one by another server. */
function aggregated(): KubernetesObject[] {
  const local = (version: string, name: string) =>
    make('apiregistration.k8s.io/v1', 'APIService', `${version}.${name}`, {
      spec: { ...(name && { group: name }), version, groupPriorityMinimum: 17800, versionPriority: 15 },
      status: { conditions: [condition('Available', 'True', { reason: 'Local' })] },
    });
  return [
    local('v1', 'apps'),
    local('v1', 'batch'),
    make('apiregistration.k8s.io/v1', 'APIService', 'v1beta1.metrics.k8s.io', {
      spec: {
        service: { namespace: 'kube-system', name: 'metrics-server', port: 443 },
        group: 'metrics.k8s.io',
        version: 'v1beta1',
        insecureSkipTLSVerify: true,
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
      status: { conditions: [condition('Available', 'True', { reason: 'Passed' })] },
    }),
    ...deployment({
      path: 'kube-system/metrics-server',
      replicas: 1,
      labels: { 'k8s-app': 'metrics-server' },
      ip: 110,
      spec: {
        priorityClassName: 'system-cluster-critical',
        containers: [{ name: 'metrics-server', image: 'registry.k8s.io/metrics-server/metrics-server:v0.8.0' }],
      },
    }),
    service({
      path: 'kube-system/metrics-server',
      selector: { 'k8s-app': 'metrics-server' },
      ports: [{ name: 'https', port: 443, targetPort: 10250 }],
      clusterIP: '10.96.40.10',
    }),
  ];
}

// Planted faults, besides those among the other objects; README.md lists all.
import type { KubernetesObject } from '../../model.ts';
import { condition, make } from './make.ts';

const rbac = 'rbac.authorization.k8s.io';

export function faultObjects(): KubernetesObject[] {
  return [guard, ...wayToAdmin(), blockingBudget, endingCertificate];
}

/** A webhook served by its own Pods: once they are gone, no Pod can be created. */
const guard = make('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'acme-guard', {
  webhooks: [
    {
      name: 'guard.acme.example.com',
      clientConfig: {
        service: { namespace: 'platform', name: 'acme-webhook', path: '/guard', port: 443 },
        caBundle: 'ZGVtbw==',
      },
      rules: [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: 'Namespaced' },
      ],
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
      timeoutSeconds: 10,
    },
  ],
});

/** A pipeline that may act as anyone. */
function wayToAdmin(): KubernetesObject[] {
  const rule = { apiGroups: [''], resources: ['users', 'groups', 'serviceaccounts'], verbs: ['impersonate'] };
  return [
    make('v1', 'ServiceAccount', 'platform/pipeline'),
    make(`${rbac}/v1`, 'ClusterRole', 'acts-as-others', { rules: [rule] }),
    make(`${rbac}/v1`, 'ClusterRoleBinding', 'pipeline-acts-as-others', {
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'acts-as-others' },
      subjects: [{ kind: 'ServiceAccount', name: 'pipeline', namespace: 'platform' }],
    }),
  ];
}

/** Protects Grafana's only replica, so that its node cannot be drained. */
const blockingBudget = make('policy/v1', 'PodDisruptionBudget', 'monitoring/grafana', {
  spec: { minAvailable: 1, selector: { matchLabels: { 'app.kubernetes.io/name': 'grafana' } } },
  status: { currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: 0, expectedPods: 1, observedGeneration: 1 },
});

/** Its issuer has not renewed it for a month. */
const endingCertificate = make('cert-manager.io/v1', 'Certificate', 'edge/forgotten', {
  spec: {
    secretName: 'forgotten-tls',
    dnsNames: ['forgotten.example.com'],
    issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer' },
  },
  status: {
    notBefore: '2026-08-30T00:00:00Z',
    notAfter: '2026-11-28T00:00:00Z',
    renewalTime: '2026-10-29T00:00:00Z',
    conditions: [condition('Ready')],
  },
});

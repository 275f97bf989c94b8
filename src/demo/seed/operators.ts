// Operators and custom resources: Helm, Argo CD, cert-manager, Prometheus, Knative, and a node's static Pod.
import type { KubernetesObject } from '../../model.ts';
import { condition, make, ownedBy } from './make.ts';
import { pod } from './pods.ts';
import { deployment, service } from './workloads.ts';

export function operatorObjects(): KubernetesObject[] {
  return [...helm(), ...argo(), ...certificates(), ...prometheus(), ...knative()];
}

/** Helm's marks on installed objects; the release is in another namespace. */
const helmLabels = {
  'app.kubernetes.io/managed-by': 'Helm',
  'app.kubernetes.io/name': 'grafana',
  'app.kubernetes.io/instance': 'grafana',
};
const helmRelease = { 'meta.helm.sh/release-name': 'grafana', 'meta.helm.sh/release-namespace': 'platform' };

function helm(): KubernetesObject[] {
  const meta = { labels: helmLabels, annotations: helmRelease };
  return [
    ...deployment({
      path: 'monitoring/grafana',
      replicas: 1,
      labels: { 'app.kubernetes.io/name': 'grafana', 'app.kubernetes.io/instance': 'grafana' },
      ip: 120,
      meta,
      spec: {
        containers: [
          { name: 'grafana', image: 'docker.io/grafana/grafana:12.2.0', envFrom: [{ secretRef: { name: 'grafana' } }] },
        ],
      },
    }),
    service({
      path: 'monitoring/grafana',
      selector: { 'app.kubernetes.io/name': 'grafana' },
      ports: [{ name: 'http', port: 3000 }],
      clusterIP: '10.96.50.1',
      meta,
    }),
    make('v1', 'ConfigMap', 'monitoring/grafana', { ...meta, data: { 'grafana.ini': '[server]\n' } }),
    make('v1', 'Secret', 'monitoring/grafana', { ...meta, type: 'Opaque', data: { password: 'czNjcjN0LXZhbHVl' } }),
    make('v1', 'Secret', 'platform/sh.helm.release.v1.grafana.v1', {
      labels: { name: 'grafana', owner: 'helm', status: 'deployed', version: '1' },
      type: 'helm.sh/release.v1',
      data: { release: 'czNjcjN0LXZhbHVl' },
    }),
  ];
}

function argo(): KubernetesObject[] {
  return [
    make('argoproj.io/v1alpha1', 'Application', 'argocd/storefront', {
      spec: {
        project: 'default',
        source: { repoURL: 'https://git.example.com/shop/deploy.git', path: 'storefront', targetRevision: 'main' },
        destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
      },
      status: {
        sync: { status: 'Synced', revision: '4b825dc642cb6eb9a060e54bf8d69288fbee4904' },
        health: { status: 'Healthy' },
        resources: [
          { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'web', name: 'storefront', status: 'Synced' },
        ],
      },
    }),
    make('argoproj.io/v1alpha1', 'Application', 'argocd/ledger', {
      spec: { project: 'default', destination: { namespace: 'data' } },
      status: {},
    }),
    // Tracked the old way, by label.
    make('v1', 'ConfigMap', 'data/ledger', {
      labels: { 'argocd.argoproj.io/instance': 'ledger' },
      data: { currency: 'EUR' },
    }),
  ];
}

function certificates(): KubernetesObject[] {
  const ready = { conditions: [condition('Ready', 'True', { reason: 'Ready' })] };
  const issuerRef = { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'letsencrypt' };
  const storefront = make('cert-manager.io/v1', 'Certificate', 'web/storefront', {
    spec: { secretName: 'storefront-tls', dnsNames: ['shop.example.com'], issuerRef },
    status: { ...ready, notAfter: '2027-02-18T16:55:00Z' },
  });
  return [
    make('cert-manager.io/v1', 'ClusterIssuer', 'letsencrypt', {
      spec: {
        acme: { server: 'https://acme.example.com/directory', privateKeySecretRef: { name: 'letsencrypt-account' } },
      },
      status: ready,
    }),
    make('cert-manager.io/v1', 'Issuer', 'edge/internal', {
      spec: { ca: { secretName: 'internal-ca' } },
      status: ready,
    }),
    storefront,
    make('cert-manager.io/v1', 'Certificate', 'edge/edge', {
      spec: { secretName: 'edge-tls', dnsNames: ['*.example.com'], issuerRef: { name: 'internal' } },
      status: ready,
    }),
    make('cert-manager.io/v1', 'CertificateRequest', 'web/storefront-1', {
      owners: [ownedBy(storefront)],
      spec: { request: 'ZGVtbw==', issuerRef },
      status: ready,
    }),
  ];
}

function prometheus(): KubernetesObject[] {
  return [
    make('monitoring.coreos.com/v1', 'ServiceMonitor', 'monitoring/shop', {
      spec: {
        namespaceSelector: { matchNames: ['web', 'data'] },
        selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['storefront', 'cart', 'pg'] }] },
        endpoints: [{ port: 'http', interval: '30s' }],
      },
    }),
    make('monitoring.coreos.com/v1', 'PodMonitor', 'monitoring/everything', {
      spec: {
        namespaceSelector: { any: true },
        selector: { matchLabels: { 'app.kubernetes.io/component': 'database' } },
        podMetricsEndpoints: [{ port: 'metrics' }],
      },
    }),
  ];
}

/** A Service of another group, with the kind and name of a core Service. */
function knative(): KubernetesObject[] {
  const resize = make('serving.knative.dev/v1', 'Service', 'web/resize', {
    spec: { template: { spec: { containers: [{ image: 'registry.example.com/shop/resize:7' }] } } },
    status: { url: 'https://resize.web.example.com', conditions: [condition('Ready')] },
  });
  const core = make('v1', 'Service', 'web/resize', {
    owners: [ownedBy(resize)],
    spec: { type: 'ExternalName', externalName: 'gateway.edge.svc.cluster.local', sessionAffinity: 'None' },
    status: { loadBalancer: {} },
  });
  const widget = make('acme.example.com/v1', 'Widget', 'web/blue-one', {
    labels: { limit: 'true' },
    spec: { size: 5 },
  });
  const made = make('v1', 'ConfigMap', 'web/blue-one-settings', {
    owners: [ownedBy(widget, false)],
    data: { size: '5' },
  });
  return [resize, core, widget, made, staticPod()];
}

/** Mirrors a file on its node, which owns it. */
function staticPod(): KubernetesObject {
  const node = make('v1', 'Node', 'node-a');
  return pod({
    path: 'kube-system/kube-scheduler-node-a',
    labels: { component: 'kube-scheduler', tier: 'control-plane' },
    annotations: {
      'kubernetes.io/config.source': 'file',
      'kubernetes.io/config.hash': '0123456789abcdef0123456789abcdef',
      'kubernetes.io/config.mirror': '0123456789abcdef0123456789abcdef',
    },
    owner: ownedBy(node),
    node: 'node-a',
    spec: {
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      containers: [{ name: 'kube-scheduler', image: 'registry.k8s.io/kube-scheduler:v1.36.2' }],
    },
  });
}

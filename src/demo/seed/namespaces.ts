// Namespaces besides the recorded ones, and the content of every namespace: a default account and the cluster's root
// certificate.
import type { KubernetesObject } from '../../model.ts';
import { type Labels, make } from './make.ts';

const namespaces: { readonly [name: string]: Labels } = {
  argocd: { team: 'platform' },
  data: { team: 'data', 'pod-security.kubernetes.io/enforce': 'baseline' },
  edge: { team: 'platform', 'expose-routes': 'true' },
  lab: { team: 'lab' },
  monitoring: { team: 'platform', purpose: 'monitoring' },
  platform: { team: 'platform' },
  web: { team: 'web', tier: 'frontend', 'expose-routes': 'true' },
};

export function namespaceObjects(): KubernetesObject[] {
  return Object.entries(namespaces).flatMap(([name, labels]) => [
    make('v1', 'Namespace', name, {
      labels: { 'kubernetes.io/metadata.name': name, ...labels },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    }),
    make('v1', 'ServiceAccount', `${name}/default`),
    make('v1', 'ConfigMap', `${name}/kube-root-ca.crt`, {
      annotations: {
        'kubernetes.io/description': 'Contains a CA bundle that can be used to verify the kube-apiserver.',
      },
      data: { 'ca.crt': '-----BEGIN CERTIFICATE-----\nMIIBdemo\n-----END CERTIFICATE-----\n' },
    }),
  ]);
}

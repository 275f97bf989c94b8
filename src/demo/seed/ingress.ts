// Ingresses and classes: rules with hosts, TLS, both sorts of backends, one without rules, one with the old annotation.
import type { KubernetesObject } from '../../model.ts';
import { type Fields, make } from './make.ts';

const backend = (name: string, port: Fields = { number: 80 }) => ({ service: { name, port } });
const path = (prefix: string, to: Fields) => ({ path: prefix, pathType: 'Prefix', backend: to });

const status = { loadBalancer: { ingress: [{ ip: '203.0.113.10' }] } };

export function ingressObjects(): KubernetesObject[] {
  return [...classes(), ...ingresses()];
}

function classes(): KubernetesObject[] {
  return [
    make('networking.k8s.io/v1', 'IngressClass', 'nginx', {
      spec: {
        controller: 'k8s.io/ingress-nginx',
        parameters: { apiGroup: 'acme.example.com', kind: 'IngressParameters', name: 'public', scope: 'Cluster' },
      },
    }),
    make('networking.k8s.io/v1', 'IngressClass', 'internal', {
      spec: {
        controller: 'example.com/internal',
        parameters: { kind: 'ConfigMap', name: 'internal-ingress', namespace: 'platform', scope: 'Namespace' },
      },
    }),
    make('acme.example.com/v1', 'IngressParameters', 'public', { spec: { proxyProtocol: true } }),
    make('v1', 'ConfigMap', 'platform/internal-ingress', { data: { timeout: '60s' } }),
  ];
}

function ingresses(): KubernetesObject[] {
  return [
    make('networking.k8s.io/v1', 'Ingress', 'web/storefront', {
      annotations: { 'argocd.argoproj.io/tracking-id': 'storefront:networking.k8s.io/Ingress:web/storefront' },
      spec: {
        ingressClassName: 'nginx',
        tls: [{ hosts: ['shop.example.com', '*.shop.example.com'], secretName: 'storefront-tls' }],
        defaultBackend: backend('storefront'),
        rules: [
          {
            host: 'shop.example.com',
            http: {
              paths: [
                path('/', backend('storefront', { name: 'http' })),
                path('/cart', backend('cart', { number: 9090 })),
              ],
            },
          },
          {
            host: '*.shop.example.com',
            http: {
              paths: [
                path('/static', {
                  resource: { apiGroup: 'acme.example.com', kind: 'StorageBucket', name: 'static-files' },
                }),
                path('/search', backend('search')),
              ],
            },
          },
        ],
      },
      status,
    }),
    make('acme.example.com/v1', 'StorageBucket', 'web/static-files', { spec: { region: 'eu-1' } }),
    // Without rules.
    make('networking.k8s.io/v1', 'Ingress', 'data/console', {
      spec: { ingressClassName: 'internal', defaultBackend: backend('pg', { number: 5432 }) },
      status,
    }),
    make('networking.k8s.io/v1', 'Ingress', 'monitoring/grafana', {
      annotations: { 'kubernetes.io/ingress.class': 'nginx' },
      spec: {
        rules: [{ host: 'grafana.example.com', http: { paths: [path('/', backend('grafana', { number: 3000 }))] } }],
      },
      status,
    }),
  ];
}

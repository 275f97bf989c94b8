// Gateway API: a class, a Gateway with certificates in its own and another namespace, and a route of each kind.
import type { KubernetesObject } from '../../model.ts';
import { condition, type Fields, make } from './make.ts';

const group = 'gateway.networking.k8s.io';
const toGateway = { name: 'public', namespace: 'edge' };

export function gatewayObjects(): KubernetesObject[] {
  return [...gateways(), ...routes(), ...grants()];
}

function gateways(): KubernetesObject[] {
  return [
    make(`${group}/v1`, 'GatewayClass', 'envoy', {
      spec: {
        controllerName: 'gateway.envoyproxy.io/gatewayclass-controller',
        parametersRef: { group: '', kind: 'ConfigMap', name: 'envoy-defaults', namespace: 'platform' },
      },
      status: { conditions: [condition('Accepted')] },
    }),
    make(`${group}/v1`, 'Gateway', 'edge/public', {
      spec: {
        gatewayClassName: 'envoy',
        infrastructure: { parametersRef: { group: '', kind: 'ConfigMap', name: 'gateway-settings' } },
        listeners: [
          listener('http', 'HTTP', 80),
          listener('https', 'HTTPS', 443, [{ name: 'edge-tls' }]),
          listener('shop', 'HTTPS', 8443, [{ group: '', kind: 'Secret', name: 'storefront-tls', namespace: 'web' }]),
          listener('tls', 'TLS', 9443),
          listener('sql', 'TCP', 5432),
          listener('dns', 'UDP', 53),
        ],
      },
      status: {
        addresses: [{ type: 'IPAddress', value: '203.0.113.30' }],
        conditions: [condition('Accepted'), condition('Programmed')],
      },
    }),
    make('v1', 'ConfigMap', 'platform/envoy-defaults', { data: { replicas: '2' } }),
    make('v1', 'ConfigMap', 'edge/gateway-settings', { data: { replicas: '3' } }),
    make('v1', 'Secret', 'edge/edge-tls', {
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': 'ZGVtbw==', 'tls.key': 'czNjcjN0LXZhbHVl' },
    }),
  ];
}

function listener(name: string, protocol: string, port: number, certificateRefs?: readonly Fields[]): Fields {
  const hostname = protocol === 'HTTPS' ? { hostname: '*.example.com' } : {};
  const allowedRoutes = { namespaces: { from: 'Selector', selector: { matchLabels: { 'expose-routes': 'true' } } } };
  return {
    name,
    protocol,
    port,
    ...hostname,
    allowedRoutes,
    ...(certificateRefs && { tls: { mode: 'Terminate', certificateRefs } }),
  };
}

function route(version: string, kind: string, path: string, spec: Fields): KubernetesObject {
  const parents = [
    {
      parentRef: toGateway,
      controllerName: 'gateway.envoyproxy.io/gatewayclass-controller',
      conditions: [condition('Accepted')],
    },
  ];
  return make(`${group}/${version}`, kind, path, { spec, status: { parents } });
}

function routes(): KubernetesObject[] {
  const parentRefs = [{ ...toGateway, sectionName: 'https' }];
  return [
    route('v1', 'HTTPRoute', 'web/storefront', {
      parentRefs,
      hostnames: ['shop.example.com'],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          filters: [{ type: 'RequestMirror', requestMirror: { backendRef: { name: 'checkout', port: 80 } } }],
          backendRefs: [
            { name: 'storefront', port: 80, weight: 100 },
            { name: 'frontend', namespace: 'shop', port: 80, weight: 5 },
          ],
        },
      ],
    }),
    // A mesh route, attached to a Service.
    route('v1', 'HTTPRoute', 'web/cart-mesh', {
      parentRefs: [{ group: '', kind: 'Service', name: 'cart', port: 9090 }],
      rules: [{ backendRefs: [{ name: 'cart', port: 9090 }] }],
    }),
    route('v1', 'GRPCRoute', 'web/cart', {
      parentRefs,
      rules: [{ matches: [{ method: { service: 'shop.Cart' } }], backendRefs: [{ name: 'cart', port: 9090 }] }],
    }),
    route('v1', 'TLSRoute', 'edge/passthrough', {
      parentRefs: [{ name: 'public', sectionName: 'tls' }],
      hostnames: ['db.example.com'],
      rules: [{ backendRefs: [{ name: 'pg', namespace: 'data', port: 5432 }] }],
    }),
    route('v1alpha2', 'TCPRoute', 'edge/sql', {
      parentRefs: [{ name: 'public', sectionName: 'sql' }],
      rules: [{ backendRefs: [{ name: 'pg', namespace: 'data', port: 5432 }] }],
    }),
    // Its backend does not exist yet.
    route('v1alpha2', 'UDPRoute', 'edge/dns', {
      parentRefs: [{ name: 'public', sectionName: 'dns' }],
      rules: [{ backendRefs: [{ name: 'resolver', port: 53 }] }],
    }),
  ];
}

function grants(): KubernetesObject[] {
  const from = (kind: string, namespace: string) => ({ group, kind, namespace });
  return [
    make(`${group}/v1`, 'ReferenceGrant', 'web/certificates', {
      spec: { from: [from('Gateway', 'edge')], to: [{ group: '', kind: 'Secret', name: 'storefront-tls' }] },
    }),
    make(`${group}/v1`, 'ReferenceGrant', 'shop/frontend', {
      spec: { from: [from('HTTPRoute', 'web')], to: [{ group: '', kind: 'Service' }] },
    }),
    make(`${group}/v1`, 'ReferenceGrant', 'data/edge', {
      spec: {
        from: [from('TCPRoute', 'edge'), from('TLSRoute', 'edge')],
        to: [{ group: '', kind: 'Service', name: 'pg' }],
      },
    }),
  ];
}

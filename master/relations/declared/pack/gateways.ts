// What implementations of gateways have beside the Gateway API: Envoy Gateway, Traefik, Contour, AWS. What their policies are
// attached to is told by the shape of `targetRefs`, see ../../attachments.ts.
import type { Declaration } from '../declaration.ts';

const envoy = 'gateway.envoyproxy.io';
const traefik = 'traefik.io';
const services = ['spec.routes[].services[]', 'spec.weighted.services[]', 'spec.mirroring.mirrors[]'];
const traefikKinds = ['IngressRoute', 'IngressRouteTCP', 'IngressRouteUDP', 'TraefikService'].map(
  (kind) => `${kind}.${traefik}`,
);

export const gateways: readonly Declaration[] = [
  {
    from: `SecurityPolicy.${envoy}`,
    ref: [
      'spec.oidc.clientSecret',
      'spec.basicAuth.users',
      'spec.apiKeyAuth.credentialRefs[]',
      'spec.jwt.providers[].localJWKS.valueRef',
    ],
    to: 'Secret',
    relation: 'uses',
  },
  {
    from: `SecurityPolicy.${envoy}`,
    ref: [
      'spec.extAuth.http.backendRefs[]',
      'spec.extAuth.grpc.backendRefs[]',
      'spec.extAuth.http.backendRef',
      'spec.extAuth.grpc.backendRef',
    ],
    to: 'Service',
    relation: 'calls',
  },
  { from: `EnvoyExtensionPolicy.${envoy}`, ref: 'spec.extProc[].backendRefs[]', to: 'Service', relation: 'calls' },
  {
    from: [`ClientTrafficPolicy.${envoy}`, `BackendTrafficPolicy.${envoy}`],
    ref: 'spec.tls.clientValidation.caCertificateRefs[]',
    to: 'ConfigMap',
    relation: 'uses',
  },
  {
    from: `Backend.${envoy}`,
    host: ['spec.endpoints[].fqdn.hostname', 'spec.endpoints[].ip.address'],
    relation: 'routesTo',
  },
  { from: traefikKinds, name: services, to: 'Service', relation: 'routesTo', weight: '.weight', form: '{name}' },
  {
    from: traefikKinds,
    name: services,
    to: `TraefikService.${traefik}`,
    relation: 'routesTo',
    weight: '.weight',
    when: { field: '.kind', equals: 'TraefikService' },
  },
  { from: traefikKinds, name: ['spec.routes[].middlewares[]', 'spec.middlewares[]'], to: `Middleware.${traefik}` },
  { from: traefikKinds, name: 'spec.tls.secretName', to: 'Secret' },
  { from: traefikKinds, name: 'spec.tls.options', to: `TLSOption.${traefik}` },
  { from: `Middleware.${traefik}`, name: 'spec.chain.middlewares[]', to: `Middleware.${traefik}` },
  {
    from: `Middleware.${traefik}`,
    name: [
      'spec.basicAuth.secret',
      'spec.digestAuth.secret',
      'spec.forwardAuth.tls.caSecret',
      'spec.forwardAuth.tls.certSecret',
    ],
    to: 'Secret',
  },
  { from: `Middleware.${traefik}`, name: 'spec.errors.service', to: 'Service', relation: 'calls' },
  {
    from: 'HTTPProxy.projectcontour.io',
    name: ['spec.routes[].services[]', 'spec.tcpproxy.services[]'],
    to: 'Service',
    relation: 'routesTo',
    weight: '.weight',
    namespace: 'own',
  },
  {
    from: 'HTTPProxy.projectcontour.io',
    host: 'spec.virtualhost.fqdn',
    served: true,
    relation: 'serves',
    depends: 'target',
  },
  {
    from: 'HTTPProxy.projectcontour.io',
    name: 'spec.virtualhost.tls.secretName',
    form: '{namespace}/{name}',
    to: 'Secret',
  },
  { from: 'HTTPProxy.projectcontour.io', name: 'spec.virtualhost.tls.secretName', to: 'Secret' },
  {
    from: 'HTTPProxy.projectcontour.io',
    name: 'spec.includes[]',
    to: 'HTTPProxy.projectcontour.io',
    relation: 'routesTo',
  },
  { from: 'TargetGroupBinding.elbv2.k8s.aws', name: 'spec.serviceRef', to: 'Service', relation: 'routesTo' },
  { from: 'Mapping.getambassador.io', host: 'spec.service', relation: 'routesTo' },
];

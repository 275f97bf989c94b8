// Kinds that implementations add to the Gateway API: Envoy Gateway, Traefik, Contour, AWS. Their policies' targets are recognised
// by the shape of `targetRefs`, see ../../attachments.ts.
import type { Declaration } from '../declaration.ts';

const gateway = 'Gateway.gateway.networking.k8s.io';
const envoy = 'gateway.envoyproxy.io';
const traefik = 'traefik.io';
const services = [
  ...['spec.routes[].services[]', 'spec.weighted.services[]', 'spec.highestRandomWeight.services[]'],
  ...['spec.mirroring', 'spec.failover.service'],
];
/** What gets copies, or only what others do not take. */
const spares = ['spec.mirroring.mirrors[]', 'spec.failover.fallback'];
const inner = [
  'weighted.services[]',
  'highestRandomWeight.services[]',
  'mirroring',
  'failover.service',
  'failover.fallback',
];
const contour = 'HTTPProxy.projectcontour.io';
const contourSecrets = [
  'spec.virtualhost.tls.secretName',
  'spec.virtualhost.tls.clientValidation.caSecret',
  'spec.virtualhost.tls.clientValidation.crlSecret',
  'spec.routes[].services[].validation.caSecret',
];
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
    from: `ClientTrafficPolicy.${envoy}`,
    ref: 'spec.tls.clientValidation.caCertificateRefs[]',
    to: 'ConfigMap',
    relation: 'uses',
  },
  { from: `Backend.${envoy}`, ref: 'spec.tls.caCertificateRefs[]', to: 'ConfigMap', relation: 'uses' },
  { from: `Backend.${envoy}`, ref: 'spec.tls.clientCertificateRef', to: 'Secret', relation: 'uses' },
  {
    from: `HTTPRouteFilter.${envoy}`,
    ref: 'spec.credentialInjection.credential.valueRef',
    to: 'Secret',
    relation: 'uses',
  },
  {
    from: [`HTTPRouteFilter.${envoy}`, `BackendTrafficPolicy.${envoy}`],
    ref: ['spec.directResponse.body.valueRef', 'spec.responseOverride[].response.body.valueRef'],
    to: 'ConfigMap',
    relation: 'uses',
  },
  {
    from: `EnvoyProxy.${envoy}`,
    ref: [
      'spec.telemetry.accessLog.settings[].sinks[].als.backendRefs[]',
      'spec.telemetry.accessLog.settings[].sinks[].openTelemetry.backendRefs[]',
      'spec.telemetry.metrics.sinks[].openTelemetry.backendRefs[]',
      'spec.telemetry.tracing.provider.backendRefs[]',
    ],
    to: 'Service',
    relation: 'calls',
  },
  {
    from: [gateway, 'ListenerSet.gateway.networking.k8s.io'],
    selector: 'spec.listeners[].allowedRoutes.namespaces.selector',
    to: 'Namespace',
    namespace: 'all',
    relation: 'allowsFrom',
    when: { field: '..from', equals: 'Selector' },
    sentence: 'A Gateway or ListenerSet allows routes from the Namespaces that the selector of a listener matches.',
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
  { from: traefikKinds, name: spares, to: 'Service', relation: 'routesTo', depends: 'none' },
  {
    from: traefikKinds,
    name: spares,
    to: `TraefikService.${traefik}`,
    relation: 'routesTo',
    depends: 'none',
    when: { field: '.kind', equals: 'TraefikService' },
  },
  {
    from: [`IngressRoute.${traefik}`, `TraefikService.${traefik}`],
    name: ['spec.routes[].middlewares[]', ...inner.map((path) => `spec.${path}.middlewares[]`)],
    to: `Middleware.${traefik}`,
  },
  { from: `IngressRouteTCP.${traefik}`, name: 'spec.routes[].middlewares[]', to: `MiddlewareTCP.${traefik}` },
  {
    from: [`IngressRoute.${traefik}`, `TraefikService.${traefik}`],
    name: ['spec.routes[].services[].serversTransport', ...inner.map((path) => `spec.${path}.serversTransport`)],
    to: `ServersTransport.${traefik}`,
  },
  {
    from: `IngressRouteTCP.${traefik}`,
    name: 'spec.routes[].services[].serversTransport',
    to: `ServersTransportTCP.${traefik}`,
  },
  {
    from: [`ServersTransport.${traefik}`, `ServersTransportTCP.${traefik}`],
    name: ['spec', 'spec.tls'].flatMap((path) => [
      `${path}.certificatesSecrets[]`,
      `${path}.rootCAs[].secret`,
      `${path}.rootCAsSecrets[]`,
    ]),
    texts: true,
    to: 'Secret',
  },
  {
    from: [`ServersTransport.${traefik}`, `ServersTransportTCP.${traefik}`],
    name: ['spec.rootCAs[].configMap', 'spec.tls.rootCAs[].configMap'],
    to: 'ConfigMap',
  },
  { from: `TLSOption.${traefik}`, name: 'spec.clientAuth.secretNames[]', to: 'Secret', texts: true },
  {
    from: `TLSStore.${traefik}`,
    name: ['spec.defaultCertificate.secretName', 'spec.certificates[].secretName'],
    to: 'Secret',
  },
  { from: traefikKinds, name: 'spec.tls.secretName', to: 'Secret' },
  { from: traefikKinds, name: 'spec.tls.options', to: `TLSOption.${traefik}` },
  { from: traefikKinds, name: 'spec.tls.store', to: `TLSStore.${traefik}`, depends: 'none' },
  { from: `Middleware.${traefik}`, name: 'spec.chain.middlewares[]', to: `Middleware.${traefik}` },
  {
    from: `Middleware.${traefik}`,
    name: [
      'spec.basicAuth.secret',
      'spec.digestAuth.secret',
      'spec.forwardAuth.tls.caSecret',
      'spec.forwardAuth.tls.certSecret',
      'spec.rateLimit.redis.secret',
      'spec.rateLimit.redis.tls.caSecret',
      'spec.rateLimit.redis.tls.certSecret',
    ],
    texts: true,
    to: 'Secret',
  },
  { from: `Middleware.${traefik}`, name: 'spec.errors.service', to: 'Service', relation: 'calls' },
  {
    from: contour,
    name: ['spec.routes[].services[]', 'spec.tcpproxy.services[]'],
    to: 'Service',
    relation: 'routesTo',
    weight: '.weight',
    namespace: 'own',
  },
  {
    from: contour,
    host: 'spec.virtualhost.fqdn',
    served: true,
    relation: 'serves',
    depends: 'target',
  },
  { from: contour, name: contourSecrets, form: '{namespace}/{name}', texts: true, to: 'Secret' },
  { from: contour, name: contourSecrets, to: 'Secret', texts: true },
  {
    from: contour,
    name: 'spec.virtualhost.authorization.extensionRef',
    to: 'ExtensionService.projectcontour.io',
    relation: 'calls',
  },
  {
    from: 'ExtensionService.projectcontour.io',
    name: 'spec.services[]',
    to: 'Service',
    relation: 'routesTo',
    weight: '.weight',
    namespace: 'own',
  },
  { from: 'TLSCertificateDelegation.projectcontour.io', name: 'spec.delegations[].secretName', to: 'Secret' },
  {
    from: 'TLSCertificateDelegation.projectcontour.io',
    name: 'spec.delegations[].targetNamespaces[]',
    to: 'Namespace',
    relation: 'allowsTo',
    depends: 'none',
  },
  {
    from: contour,
    name: ['spec.includes[]', 'spec.tcpproxy.include', 'spec.tcpproxy.includes'],
    to: contour,
    relation: 'routesTo',
  },
  { from: 'TargetGroupBinding.elbv2.k8s.aws', name: 'spec.serviceRef', to: 'Service', relation: 'routesTo' },
  {
    from: 'DNSEndpoint.externaldns.k8s.io',
    host: 'spec.endpoints[].dnsName',
    served: true,
    relation: 'serves',
    depends: 'target',
    sentence: 'An external-dns DNSEndpoint serves the host names of its records.',
  },
  { from: 'DNSEndpoint.externaldns.k8s.io', host: 'spec.endpoints[].targets[]', relation: 'resolvesTo' },
  {
    from: ['Service', 'Ingress', gateway],
    annotation: 'external-dns.alpha.kubernetes.io/hostname',
    to: 'Host',
    relation: 'serves',
    reverse: false,
    depends: 'target',
    sentence: 'A Service, Ingress or Gateway serves the host named in its external-dns annotation.',
  },
  { from: 'Mapping.getambassador.io', host: 'spec.service', relation: 'routesTo' },
];

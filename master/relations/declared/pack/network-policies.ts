// Policies of Cilium and Calico. Expressions in their own languages are read as far as label selectors can express them.
import type { Declaration } from '../declaration.ts';

const cilium = 'CiliumNetworkPolicy.cilium.io';
const wide = 'CiliumClusterwideNetworkPolicy.cilium.io';
const strip = ['k8s:', 'any:'];
const both = (path: string) => [`spec.${path}`, `specs[].${path}`];
const calicoGroups = ['crd.projectcalico.org', 'projectcalico.org'];
const calico = (kind: string) => calicoGroups.map((group) => `${kind}.${group}`);
const language = 'calico' as const;

export const networkPolicies: readonly Declaration[] = [
  { from: cilium, selector: both('endpointSelector'), strip, empty: 'all', relation: 'restricts' },
  { from: wide, selector: both('endpointSelector'), strip, empty: 'all', namespace: 'all', relation: 'restricts' },
  { from: wide, selector: both('nodeSelector'), strip, to: 'Node', namespace: 'all', relation: 'restricts' },
  { from: cilium, selector: both('ingress[].fromEndpoints[]'), strip, empty: 'all', relation: 'allowsFrom' },
  { from: cilium, selector: both('egress[].toEndpoints[]'), strip, empty: 'all', relation: 'allowsTo' },
  { from: wide, selector: both('ingress[].fromEndpoints[]'), strip, namespace: 'all', relation: 'allowsFrom' },
  { from: wide, selector: both('egress[].toEndpoints[]'), strip, namespace: 'all', relation: 'allowsTo' },
  {
    from: [cilium, wide],
    name: both('egress[].toServices[].k8sService'),
    fields: { name: 'serviceName' },
    to: 'Service',
    relation: 'allowsTo',
    depends: 'none',
  },
  {
    from: [cilium, wide],
    host: both('egress[].toFQDNs[].matchName'),
    served: true,
    relation: 'allowsTo',
    depends: 'none',
  },
  {
    from: [cilium, wide],
    name: both('ingress[].toPorts[].terminatingTLS.secret').concat(
      both('egress[].toPorts[].terminatingTLS.secret'),
      both('egress[].toPorts[].originatingTLS.secret'),
    ),
    to: 'Secret',
  },
  {
    from: [cilium, wide],
    name: [...both('ingress[].fromCIDRSet[].cidrGroupRef'), ...both('egress[].toCIDRSet[].cidrGroupRef')],
    to: 'CiliumCIDRGroup.cilium.io',
    namespace: 'none',
  },
  {
    from: ['CiliumEnvoyConfig.cilium.io', 'CiliumClusterwideEnvoyConfig.cilium.io'],
    name: ['spec.services[]', 'spec.backendServices[]'],
    to: 'Service',
    relation: 'routesTo',
  },
  {
    from: 'CiliumBGPClusterConfig.cilium.io',
    name: 'spec.bgpInstances[].peers[].peerConfigRef',
    to: 'CiliumBGPPeerConfig.cilium.io',
    namespace: 'none',
  },
  {
    from: ['CiliumBGPClusterConfig.cilium.io', 'CiliumL2AnnouncementPolicy.cilium.io'],
    selector: 'spec.nodeSelector',
    to: 'Node',
    namespace: 'all',
    relation: 'configures',
  },
  {
    from: ['CiliumL2AnnouncementPolicy.cilium.io', 'CiliumLoadBalancerIPPool.cilium.io'],
    selector: 'spec.serviceSelector',
    to: 'Service',
    namespace: 'all',
    relation: 'configures',
  },
  {
    from: 'CiliumEgressGatewayPolicy.cilium.io',
    selector: 'spec.selectors[].podSelector',
    strip,
    empty: 'all',
    namespace: 'all',
    relation: 'selects',
  },
  {
    from: 'CiliumEgressGatewayPolicy.cilium.io',
    selector: 'spec.egressGateway.nodeSelector',
    strip,
    to: 'Node',
    namespace: 'all',
    relation: 'uses',
  },
  {
    from: 'CiliumLocalRedirectPolicy.cilium.io',
    name: 'spec.redirectFrontend.serviceMatcher.serviceName',
    to: 'Service',
    namespace: '.namespace',
    relation: 'attachedTo',
  },
  {
    from: 'CiliumLocalRedirectPolicy.cilium.io',
    selector: 'spec.redirectBackend.localEndpointSelector',
    strip,
    relation: 'routesTo',
  },
  { from: calico('NetworkPolicy'), selector: 'spec.selector', language, empty: 'all', relation: 'restricts' },
  {
    from: calico('GlobalNetworkPolicy'),
    selector: 'spec.selector',
    language,
    empty: 'all',
    namespace: 'all',
    relation: 'restricts',
    when: { field: 'spec.namespaceSelector', exists: false },
  },
  {
    from: calico('NetworkPolicy'),
    selector: 'spec.ingress[].source.selector',
    language,
    relation: 'allowsFrom',
    when: [
      { field: '.namespaceSelector', exists: false },
      { field: '..action', equals: 'Allow' },
    ],
  },
  {
    from: calico('NetworkPolicy'),
    selector: 'spec.egress[].destination.selector',
    language,
    relation: 'allowsTo',
    when: [
      { field: '.namespaceSelector', exists: false },
      { field: '..action', equals: 'Allow' },
    ],
  },
  {
    from: [...calico('NetworkPolicy'), ...calico('GlobalNetworkPolicy')],
    name: 'spec.egress[].destination.services',
    to: 'Service',
    relation: 'allowsTo',
    depends: 'none',
  },
];

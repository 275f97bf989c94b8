// Istio.
import type { Declaration } from '../declaration.ts';

const networking = 'networking.istio.io';
const service = `VirtualService.${networking}`;
const gateway = `Gateway.${networking}`;
const routes = ['http', 'tcp', 'tls'].map((protocol) => `spec.${protocol}[].route[].destination.host`);
const gateways = [
  'spec.gateways[]',
  'spec.http[].match[].gateways[]',
  'spec.tcp[].match[].gateways[]',
  'spec.tls[].match[].gateways[]',
];
const tls = [
  'spec.trafficPolicy.tls.credentialName',
  'spec.trafficPolicy.portLevelSettings[].tls.credentialName',
  'spec.subsets[].trafficPolicy.tls.credentialName',
];

export const istio: readonly Declaration[] = [
  {
    from: service,
    host: routes,
    short: true,
    weight: '..weight',
    sentence: 'An Istio VirtualService routes to the Services or hosts of its destinations. Weight 0 gets no traffic.',
  },
  {
    from: service,
    short: true,
    host: ['spec.http[].mirror.host', 'spec.http[].mirrors[].destination.host'],
    depends: 'none',
  },
  { from: service, host: 'spec.hosts[]', relation: 'serves', depends: 'none' },
  { from: service, name: gateways, form: '{namespace}/{name}', to: gateway, relation: 'attachedTo' },
  { from: service, name: gateways, to: gateway, relation: 'attachedTo', not: ['mesh'] },
  { from: service, name: 'spec.http[].delegate', to: service, relation: 'routesTo' },
  { from: `DestinationRule.${networking}`, host: 'spec.host', short: true, relation: 'attachedTo', depends: 'none' },
  { from: `DestinationRule.${networking}`, name: tls, to: 'Secret' },
  { from: `DestinationRule.${networking}`, selector: 'spec.workloadSelector', relation: 'configures' },
  { from: gateway, selector: 'spec.selector', namespace: 'all', relation: 'configures' },
  { from: gateway, name: 'spec.servers[].tls.credentialName', to: 'Secret', guess: true },
  {
    from: gateway,
    name: 'spec.servers[].tls.credentialName',
    form: 'kubernetes-gateway://{namespace}/{name}',
    to: 'Secret',
  },
  { from: gateway, name: 'spec.servers[].tls.credentialNames[]', to: 'Secret', guess: true },
  { from: gateway, host: 'spec.servers[].hosts[]', served: true, relation: 'serves', depends: 'target' },
  { from: `ServiceEntry.${networking}`, host: 'spec.hosts[]', served: true, relation: 'defines', depends: 'target' },
  { from: `ServiceEntry.${networking}`, host: 'spec.endpoints[].address', relation: 'resolvesTo' },
  {
    from: [`ServiceEntry.${networking}`, `Sidecar.${networking}`, `EnvoyFilter.${networking}`],
    selector: 'spec.workloadSelector.labels',
    relation: 'configures',
  },
  { from: `WorkloadEntry.${networking}`, host: 'spec.address', relation: 'resolvesTo' },
  {
    from: [`WorkloadEntry.${networking}`, `ServiceEntry.${networking}`],
    name: ['spec.serviceAccount', 'spec.endpoints[].serviceAccount'],
    to: 'ServiceAccount',
    relation: 'runsAs',
  },
  {
    from: `WorkloadGroup.${networking}`,
    name: 'spec.template.serviceAccount',
    to: 'ServiceAccount',
    relation: 'runsAs',
  },
  {
    from: ['AuthorizationPolicy', 'RequestAuthentication', 'PeerAuthentication'].map(
      (kind) => `${kind}.security.istio.io`,
    ),
    selector: 'spec.selector',
    relation: 'restricts',
  },
  {
    from: [
      'Telemetry.telemetry.istio.io',
      'WasmPlugin.extensions.istio.io',
      'TrafficExtension.extensions.istio.io',
      `ProxyConfig.${networking}`,
    ],
    selector: 'spec.selector',
    relation: 'configures',
  },
  {
    from: 'AuthorizationPolicy.security.istio.io',
    name: 'spec.rules[].from[].source.principals[]',
    form: '{}/ns/{namespace}/sa/{name}',
    to: 'ServiceAccount',
    relation: 'allowsFrom',
    depends: 'none',
  },
  {
    from: 'AuthorizationPolicy.security.istio.io',
    name: 'spec.rules[].from[].source.serviceAccounts[]',
    form: '{namespace}/{name}',
    to: 'ServiceAccount',
    relation: 'allowsFrom',
    depends: 'none',
  },
  {
    from: 'AuthorizationPolicy.security.istio.io',
    name: 'spec.rules[].from[].source.serviceAccounts[]',
    to: 'ServiceAccount',
    relation: 'allowsFrom',
    depends: 'none',
  },
  {
    from: 'AuthorizationPolicy.security.istio.io',
    name: 'spec.rules[].from[].source.namespaces[]',
    to: 'Namespace',
    relation: 'allowsFrom',
    depends: 'none',
  },
  {
    from: ['WasmPlugin.extensions.istio.io', 'TrafficExtension.extensions.istio.io'],
    name: ['spec.imagePullSecret', 'spec.wasm.imagePullSecret'],
    to: 'Secret',
    texts: true,
  },
];

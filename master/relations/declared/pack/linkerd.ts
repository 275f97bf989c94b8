// Linkerd, and the traffic splits of the service mesh interface.
import type { Declaration } from '../declaration.ts';

const group = 'policy.linkerd.io';

export const linkerd: readonly Declaration[] = [
  { from: 'ServiceProfile.linkerd.io', host: 'metadata.name', relation: 'attachedTo', depends: 'none' },
  { from: 'ServiceProfile.linkerd.io', host: 'spec.dstOverrides[].authority', relation: 'routesTo', weight: '.weight' },
  { from: `Server.${group}`, selector: 'spec.podSelector', empty: 'all', relation: 'restricts' },
  {
    from: `Server.${group}`,
    selector: 'spec.externalWorkloadSelector',
    to: 'ExternalWorkload.workload.linkerd.io',
    relation: 'restricts',
  },
  { from: 'Link.multicluster.linkerd.io', name: 'spec.clusterCredentialsSecret', to: 'Secret', texts: true },
  {
    from: `ServerAuthorization.${group}`,
    name: 'spec.server.name',
    to: `Server.${group}`,
    relation: 'attachedTo',
    depends: 'none',
  },
  {
    from: `ServerAuthorization.${group}`,
    selector: 'spec.server.selector',
    to: `Server.${group}`,
    relation: 'attachedTo',
  },
  {
    from: `ServerAuthorization.${group}`,
    name: 'spec.client.meshTLS.serviceAccounts[]',
    to: 'ServiceAccount',
    relation: 'allowsFrom',
    depends: 'none',
  },
  {
    from: `AuthorizationPolicy.${group}`,
    ref: 'spec.requiredAuthenticationRefs[]',
    group,
    relation: 'uses',
    when: { field: '.kind', in: ['MeshTLSAuthentication', 'NetworkAuthentication'] },
  },
  {
    from: `AuthorizationPolicy.${group}`,
    name: 'spec.requiredAuthenticationRefs[]',
    to: 'ServiceAccount',
    relation: 'allowsFrom',
    depends: 'none',
    when: { field: '.kind', equals: 'ServiceAccount' },
  },
  { from: `MeshTLSAuthentication.${group}`, ref: 'spec.identityRefs[]', relation: 'allowsFrom', depends: 'none' },
  {
    from: [`HTTPRoute.${group}`, `GRPCRoute.${group}`],
    ref: 'spec.rules[].backendRefs[]',
    to: 'Service',
    relation: 'routesTo',
    weight: '.weight',
  },
  {
    from: 'TrafficSplit.split.smi-spec.io',
    name: 'spec.service',
    to: 'Service',
    relation: 'attachedTo',
    depends: 'none',
  },
  {
    from: 'TrafficSplit.split.smi-spec.io',
    name: 'spec.backends[].service',
    to: 'Service',
    relation: 'routesTo',
    weight: '.weight',
  },
];

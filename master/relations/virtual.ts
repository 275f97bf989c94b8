// Types whose resources exist by being named: without an API, none is ever missing.

export const virtualTypes = {
  Cluster: 'The cluster itself, under the name it is configured with.',
  Zone: 'A failure domain that the topology labels of Nodes name.',
  Region: 'A region that the topology labels of Nodes name.',
  Host: 'A host name or address that traffic comes in by or goes out to.',
  CIDR: 'A range of addresses that a NetworkPolicy allows.',
  User: 'A user that a role binding names; the API server keeps no list of users.',
  Group: 'A group of users that a role binding names.',
  ExternalIdentity: 'An identity of a cloud provider that a ServiceAccount assumes.',
  RemoteCluster: 'Another cluster, to which something here deploys.',
  HelmRelease: 'A release of Helm, known by what it installed.',
} as const satisfies { readonly [type: string]: string };

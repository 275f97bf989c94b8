// Types whose resources exist by being named: without an API, none is ever missing.

export const virtualTypes = {
  Cluster: 'The cluster itself, under its configured name.',
  Zone: 'A failure domain named in the topology labels of Nodes.',
  Region: 'A region named in the topology labels of Nodes.',
  Host: 'A host name or address that traffic arrives at or goes out to.',
  CIDR: 'A range of IP addresses that a NetworkPolicy allows.',
  User: 'A user named in a role binding. The API server has no list of users.',
  Group: 'A group of users named in a role binding.',
  ExternalIdentity: 'An identity at a cloud provider that a ServiceAccount assumes.',
  RemoteCluster: 'Another cluster that something in this one deploys to.',
  HelmRelease: 'A Helm release, known from the objects it installed.',
} as const satisfies { readonly [type: string]: string };

// Settings for NATS JetStream: of a publishing master, and of the mode `replica` that follows it.
import type { TProperties } from 'typebox';
import { Type } from '../schema.ts';
import type { ObjectName } from './setting-formats.ts';
import { bytes, file, flag, format, list, milliseconds } from './setting-schemas.ts';

export const streamSettings = {
  stream: list({
    shown: 'none',
    description:
      'Servers of NATS JetStream, as `nats://HOST:4222` or `tls://HOST:4222`: a master publishes its graph there, a replica serves from it',
  }),
  streamCredentialsFile: Type.Optional(
    file({ description: 'Credentials for NATS, as `nsc` writes them (`.creds`); read again at each connection' }),
  ),
  streamTokenFile: Type.Optional(file({ description: 'Token for NATS; read again at each connection' })),
  streamCaFile: Type.Optional(
    file({ description: "CA certificates that the NATS servers' certificates are checked against" }),
  ),
  streamCertFile: Type.Optional(file({ description: 'Client certificate for NATS; needs the key' })),
  streamKeyFile: Type.Optional(file({ description: 'Private key of the certificate for NATS' })),
  streamCopies: Type.Integer({
    minimum: 1,
    maximum: 5,
    default: 3,
    description: 'How many NATS servers keep a copy of the log; fewer if there are fewer servers',
  }),
  streamAge: format<number>('period', { default: '48h', description: 'How long the log is kept' }),
  streamSize: bytes({ default: '2Gi', description: 'Maximum size of the log of one cluster' }),
  streamBuffer: bytes({
    default: '64Mi',
    description: 'Master: memory for messages while NATS is away; beyond it, the whole graph is published again',
  }),
  streamLease: Type.Optional(
    format<ObjectName>('object', {
      description:
        'Master: a Lease of the cluster, as `NAME` in the namespace of its Pod or `NAMESPACE/NAME`, that chooses which of several masters of the cluster publishes; needs the right to get and update it',
    }),
  ),
  streamLeaseDuration: milliseconds({
    default: '15s',
    description:
      'Master: how long that Lease is valid without being renewed; another master takes over at the earliest then, and its holder stops publishing after two thirds of it',
  }),
  streamSnapshots: flag({
    default: 'true',
    description:
      'Replica: write a snapshot now and then, from which new replicas start; `false` where NATS permits only reading',
  }),
  reviewContexts: list({
    shown: 'none',
    description:
      'Replica of several clusters: contexts of the kubeconfig, named like the clusters, for token and access reviews',
  }),
  clusterUrls: list({
    shown: 'none',
    description:
      'Replica and gateway of several clusters: URLs of API servers that others know a cluster by, as `NAME=https://HOST:PORT`: what deploys there (a destination of Argo CD) leads to that cluster',
  }),
  reviewEverywhere: flag({
    default: 'false',
    description:
      'Replica and gateway of several clusters, with `kubernetes` authentication: a read that names no cluster has each cluster asked who the caller is there and what they may see; their token is shown to all of them, so all must be trusted with it',
  }),
  clusters: list({
    shown: 'all',
    description:
      'Replica: names of the clusters to serve, with `*` as wildcard; a single name serves that cluster, with ids that do not contain it',
  }),
} as const satisfies TProperties;

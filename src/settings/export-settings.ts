// Settings of the mode `export`: what to send, where and how. On its command line the prefix `export-` may be omitted:
// `export --to URL --dry-run`.
import type { TProperties } from 'typebox';
import { Type } from '../schema.ts';
import { bytes, file, flag, list, text, word } from './setting-schemas.ts';

export const exportSettings = {
  exportTo: Type.Optional(
    text({
      description:
        'Export: destination: `https://HOST/PATH`, `s3://BUCKET/PREFIX`, `file:///FOLDER` or `-` for standard output; there is no default',
    }),
  ),
  exportProtocol: word(['ndjson', 'collector'], {
    default: 'ndjson',
    description: 'Export: protocol: `ndjson`, or `collector` for endpoints of the old collector',
  }),
  exportFollow: flag({ default: 'false', description: 'Export: send everything, then changes as they happen' }),
  exportDryRun: flag({
    default: 'false',
    description: 'Export: send nothing; print exactly what would be sent',
  }),
  exportRole: flag({
    default: 'false',
    description: 'Export: print the ClusterRole for the chosen types, and exit',
  }),
  exportFrom: Type.Optional(
    text({ description: 'Export: URL of a running master to read the graph from, instead of the API server' }),
  ),
  exportFromTokenFile: Type.Optional(file({ description: 'Export: bearer token for that master' })),
  exportFromCaFile: Type.Optional(file({ description: "Export: CA certificates for that master's certificate" })),
  exportRelations: flag({
    default: 'true',
    description: 'Export: include relations, which holds the graph in memory; `false` streams objects only',
  }),
  exportTypes: list({
    shown: 'all but Secrets, Events and heartbeats',
    description:
      'Export: types as `group/resource` with `*` as wildcard, a sign before each to add or to leave out; without a sign they replace the usual ones',
  }),
  exportScope: list({
    shown: 'all',
    description: 'Export: namespaces with `*` as wildcard; a `-` before one leaves it out',
  }),
  exportHelm: flag({
    default: 'false',
    description: 'Export: releases of Helm, which takes the right to read Secrets; values are redacted',
  }),
  exportClusterId: Type.Optional(
    text({ shown: "the cluster's name", description: 'Export: name of the cluster at the endpoint' }),
  ),
  exportOverrideIdentity: flag({
    default: 'false',
    description: 'Export: replace another cluster that was sent under this name',
  }),
  exportPartial: flag({
    default: 'false',
    description: 'Export: with `collector`, commit even if a type could not be read: its objects will appear deleted',
  }),
  exportLogin: Type.Optional(
    text({ shown: 'of `exportTo`', description: 'Export: base URL of the login, if it differs' }),
  ),
  exportAccessKeyFile: Type.Optional(file({ description: 'Export: access key of the endpoint or of S3' })),
  exportSecretKeyFile: Type.Optional(file({ description: 'Export: secret key that belongs to it' })),
  exportTokenFile: Type.Optional(file({ description: 'Export: bearer token, instead of a login by key pair' })),
  exportCaFile: Type.Optional(file({ description: "Export: CA certificates for the endpoint's certificate" })),
  exportInsecure: flag({
    default: 'false',
    description: 'Export: allow plain HTTP to addresses other than loopback',
  }),
  exportStoreUrl: Type.Optional(
    text({ shown: 'of AWS', description: 'Export: URL of the S3-compatible server, such as one of MinIO' }),
  ),
  exportStoreRegion: text({ default: 'us-east-1', description: 'Export: region that requests to S3 are signed for' }),
  exportPageSize: bytes({ default: '500k', description: 'Export: maximum size of a page before compression' }),
  exportCompression: word(['gzip', 'zstd', 'none'], {
    default: 'gzip',
    description: 'Export: compression of pages; an endpoint that refuses it gets plain ones',
  }),
  exportSpool: Type.Optional(
    text({
      shown: 'the temporary folder',
      description: 'Export: folder for data between reading and sending; about the uncompressed size of the lists',
    }),
  ),
} as const satisfies TProperties;

// Settings of the mode `export`: what to send, where and how. On its command line the prefix `export-` may be omitted:
// `export --to URL --dry-run`.
import type { TProperties } from 'typebox';
import { Type } from '../schema.ts';
import { bytes, file, flag, list, text, word } from './setting-schemas.ts';

export const exportSettings = {
  exportTo: Type.Optional(
    text({
      description:
        'Export: where everything is sent: `https://HOST/PATH`, `s3://BUCKET/PREFIX`, `file:///FOLDER` or `-` for standard output; nothing is built in',
    }),
  ),
  exportProtocol: word(['ndjson', 'collector'], {
    default: 'ndjson',
    description: 'Export: our own pages (`ndjson`), or what endpoints of the old collector take (`collector`)',
  }),
  exportFollow: flag({ default: 'false', description: 'Export: first the whole, then changes as they come' }),
  exportDryRun: flag({
    default: 'false',
    description: 'Export: send nothing, print on standard output exactly what would be sent',
  }),
  exportRole: flag({
    default: 'false',
    description: 'Export: print the ClusterRole of what is chosen, and end',
  }),
  exportFrom: Type.Optional(
    text({ description: 'Export: URL of a running master to take the graph from, in place of the API server' }),
  ),
  exportFromTokenFile: Type.Optional(file({ description: 'Export: bearer token for that master' })),
  exportFromCaFile: Type.Optional(file({ description: "Export: CA certificates for that master's certificate" })),
  exportRelations: flag({
    default: 'true',
    description:
      'Export: relations too, for which the graph is held in memory; `false` streams objects alone, whatever the size of the cluster',
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
    text({ shown: "the cluster's name", description: 'Export: name by which the endpoint knows the cluster' }),
  ),
  exportOverrideIdentity: flag({
    default: 'false',
    description: 'Export: take the place of another cluster that was sent under this name',
  }),
  exportPartial: flag({
    default: 'false',
    description: 'Export: commit in the protocol `collector` though a type could not be read: it will seem to be gone',
  }),
  exportLogin: Type.Optional(
    text({ shown: 'of `exportTo`', description: 'Export: base URL of the login, where it is another' }),
  ),
  exportAccessKeyFile: Type.Optional(file({ description: 'Export: access key of the endpoint or of S3' })),
  exportSecretKeyFile: Type.Optional(file({ description: 'Export: secret key that belongs to it' })),
  exportTokenFile: Type.Optional(file({ description: 'Export: bearer token, where there is no login by key pair' })),
  exportCaFile: Type.Optional(file({ description: "Export: CA certificates for the endpoint's certificate" })),
  exportInsecure: flag({
    default: 'false',
    description: 'Export: send by plain HTTP to other than loopback addresses all the same',
  }),
  exportStoreUrl: Type.Optional(
    text({ shown: 'of AWS', description: 'Export: URL of the S3-compatible server, such as one of MinIO' }),
  ),
  exportStoreRegion: text({ default: 'us-east-1', description: 'Export: region that requests to S3 are signed for' }),
  exportPageSize: bytes({ default: '500k', description: 'Export: most bytes of a page, before it is compressed' }),
  exportCompression: word(['gzip', 'zstd', 'none'], {
    default: 'gzip',
    description: 'Export: how pages are compressed; an endpoint that refuses it gets them plain',
  }),
  exportSpool: Type.Optional(
    text({
      shown: 'the temporary folder',
      description: 'Export: folder for what is read until it is sent; it takes about what the lists take, uncompressed',
    }),
  ),
} as const satisfies TProperties;

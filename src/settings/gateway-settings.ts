// Settings of a gateway and of a master that reports to one. On the command line of the mode `gateway` the prefix
// `gateway-` may be omitted: `gateway enroll east --enrolments FOLDER`.
import type { TProperties } from 'typebox';
import { Type } from '../schema.ts';
import { bytes, file, flag, list, text, word } from './setting-schemas.ts';

export const gatewaySettings = {
  gateway: Type.Optional(
    text({
      description:
        'Master: `wss://HOST` of a gateway that is told all that this graph is told; export: of one in place of `exportTo`; actor: of one that hands it actions. `gateway enroll` writes it into its manifest. None is built in',
    }),
  ),
  gatewayAccount: text({ default: 'default', description: 'Account that the cluster is enrolled for' }),
  gatewayCluster: Type.Optional(
    text({ shown: "the cluster's name", description: 'Master: name that the cluster is enrolled by' }),
  ),
  gatewaySecretFile: Type.Optional(
    file({ description: 'Master: file with the secret of its enrolment; read again for each connection' }),
  ),
  gatewayCaFile: Type.Optional(
    file({ description: "Master: CA certificates for the gateway's certificate; read again for each connection" }),
  ),
  gatewaySchemes: list({
    default: 'hmac-sha512',
    description:
      'Ways to prove who one is, those that are liked best first, of `hmac-sha512` (both sides prove it), `sha512-qs` and `sha512-qsq` (only the agent does; for gateways and agents of others)',
  }),
  gatewaySpool: Type.Optional(
    text({
      shown: 'in memory',
      description:
        'Master: folder for what the gateway has not acknowledged, for an hour at most; it outlives the process there. Of one process alone',
    }),
  ),
  gatewaySpoolSize: bytes({
    default: '200Mi',
    description: 'Master: most bytes of that; in memory 64Mi at most',
  }),
  gatewayLogs: flag({ default: 'true', description: 'Master: send the gateway the log, too, redacted' }),
  gatewayEnrolments: Type.Optional(
    text({
      description: 'Gateway: folder of the clusters that may call in; gateways that share a name share it',
    }),
  ),
  gatewayBehindTls: flag({
    default: 'false',
    description: 'Gateway: TLS ends before it, at an ingress of its own: it may listen without on any address',
  }),
  gatewayPrint: word(['manifest', 'secret'], {
    default: 'manifest',
    description: 'Gateway: what `gateway enroll` prints',
  }),
  gatewayImage: text({
    default: 'cluster-insight:3.0.0',
    description: 'Gateway: image that the manifest of `gateway enroll` names',
  }),
  gatewayCommand: list({
    shown: 'serve',
    description: 'Gateway: what to do in place of serving: the words behind `gateway`, such as `enroll east`',
  }),
} as const satisfies TProperties;

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
    text({ shown: "the cluster's name", description: 'Master: name under which the cluster is enrolled' }),
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
      'Authentication schemes in order of preference, of `hmac-sha512` (both sides prove it), `sha512-qs` and `sha512-qsq` (only the agent does; for gateways and agents of others)',
  }),
  gatewaySpool: Type.Optional(
    text({
      shown: 'in memory',
      description:
        'Master: folder for unacknowledged data of up to an hour, which survives the process; for one process only',
    }),
  ),
  gatewaySpoolSize: bytes({
    default: '200Mi',
    description: 'Master: maximum size of unacknowledged data; at most 64Mi in memory',
  }),
  gatewayLogs: flag({ default: 'true', description: 'Master: send the gateway the log, too, redacted' }),
  gatewayEnrolments: Type.Optional(
    text({
      description: 'Gateway: folder with the enrolments of clusters; gateways behind one name share it',
    }),
  ),
  gatewayBehindTls: flag({
    default: 'false',
    description: 'Gateway: TLS ends at an ingress before it, so it may listen without TLS on any address',
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
    description: 'Gateway: command instead of serving, such as `enroll east`',
  }),
} as const satisfies TProperties;

// Settings for what a process sends elsewhere: the audit of its API requests, and metrics.
import type { TProperties } from 'typebox';
import { Type } from '../schema.ts';
import { file, text } from './setting-schemas.ts';

export const shippingSettings = {
  audit: Type.Optional(
    text({
      shown: '`off`, actor `log`',
      description: 'Audit of requests to the API server: `log`, the path of a file to append to, or `off`',
    }),
  ),
  otlpEndpoint: Type.Optional(
    text({
      description: 'Base URL of an OpenTelemetry collector (OTLP over HTTP) for the audit and metrics',
    }),
  ),
  otlpTokenFile: Type.Optional(file({ description: 'Bearer token for that collector; read again for each request' })),
  remoteWriteUrl: Type.Optional(
    text({ description: 'URL of a Prometheus remote-write receiver that metrics are sent to' }),
  ),
  remoteWriteTokenFile: Type.Optional(
    file({ description: 'Bearer token for that receiver; read again for each request' }),
  ),
  actorDir: Type.Optional(text({ description: 'Actor: folder of the ledger of actions; it must survive the process' })),
  actorPolicy: Type.Optional(
    file({
      shown: 'nothing may be done',
      description: 'Actor: file with the policy, see docs/actions.md; read for each action',
    }),
  ),
} as const satisfies TProperties;

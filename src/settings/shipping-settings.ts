// Settings for what a process sends elsewhere: the audit of its API requests, and metrics.
import type { TProperties } from 'typebox';
import { Type } from '../schema.ts';
import { file, text } from './setting-schemas.ts';

export const shippingSettings = {
  audit: Type.Optional(
    text({
      shown: '`off`, actor `log`',
      description:
        'Where each request to the API server becomes a line: `log`, or the path of a file to add to; `off` for nowhere',
    }),
  ),
  otlpEndpoint: Type.Optional(
    text({
      description:
        'Base URL of an OpenTelemetry collector (OTLP over HTTP) that lines of the audit and metrics are sent to',
    }),
  ),
  otlpTokenFile: Type.Optional(file({ description: 'Bearer token for that collector; read again for each request' })),
  remoteWriteUrl: Type.Optional(
    text({ description: 'URL of a Prometheus remote-write receiver that metrics are sent to' }),
  ),
  remoteWriteTokenFile: Type.Optional(
    file({ description: 'Bearer token for that receiver; read again for each request' }),
  ),
  actorDir: Type.Optional(
    text({ description: 'Actor: folder that the ledger of actions is kept in; it has to outlive the process' }),
  ),
  actorPolicy: Type.Optional(
    file({
      shown: 'nothing may be done',
      description: 'Actor: file that says which actions may be done where, see docs/actions.md; read for each action',
    }),
  ),
} as const satisfies TProperties;

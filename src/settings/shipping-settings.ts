// The settings of what a process tells others: the audit of what it asks the API server, and metrics.
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
      description: 'Base URL of an OpenTelemetry collector (OTLP over HTTP) that lines of the audit are sent to',
    }),
  ),
  otlpTokenFile: Type.Optional(file({ description: 'Bearer token for that collector; read again for each request' })),
} as const satisfies TProperties;

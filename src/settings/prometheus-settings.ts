// Settings for a Prometheus that is asked for numbers: of longer than the last hour, and where there is no other source.
import type { TProperties } from 'typebox';
import { Type } from '../schema.ts';
import { file, format, text } from './setting-schemas.ts';

export const prometheusSettings = {
  prometheusUrl: Type.Optional(
    text({
      description:
        'URL of a Prometheus, up to but without `/api/v1`, that is asked for numbers beyond the last hour, see docs/telemetry.md',
    }),
  ),
  prometheusMatch: Type.Optional(
    text({
      description:
        'Matchers that each query of that Prometheus has, such as `cluster="east"`, if it has series of several clusters',
    }),
  ),
  prometheusTokenFile: Type.Optional(
    file({ description: 'Bearer token for that Prometheus; read again for each request' }),
  ),
  prometheusUsername: Type.Optional(text({ description: 'User name for that Prometheus; needs the password' })),
  prometheusPasswordFile: Type.Optional(file({ description: 'Password of that user' })),
  prometheusCaFile: Type.Optional(
    file({ description: "CA certificates that Prometheus's certificate is checked against" }),
  ),
  sizingWindow: format<number>('retention', {
    default: '7d',
    description: 'How far back right-sizing looks in that Prometheus; `off` for the last hour alone',
  }),
} as const satisfies TProperties;

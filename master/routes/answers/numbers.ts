// Answers with measured numbers, and with what follows from them.
import { Type } from '../../../src/schema.ts';
import { states, timestamp, unknownNamespaces } from './parts.ts';

const number = Type.Union([Type.Number(), Type.Null()]);

const amounts = Type.Object({ cpu: Type.Optional(Type.Number()), memory: Type.Optional(Type.Number()) });

const used = Type.Optional(Type.Object({ median: Type.Number(), p95: Type.Number(), most: Type.Number() }));

export const rightSizingAnswer = Type.Object({
  success: Type.Literal(true),
  timestamp,
  unknownNamespaces,
  workloads: Type.Array(
    Type.Object({
      workload: Type.String({ examples: ['Deployment:shop/frontend'] }),
      container: Type.String(),
      containers: Type.Integer({ description: 'How many of that name were measured' }),
      window: Type.Object({
        source: Type.Enum(['own', 'prometheus'], { description: 'Whose numbers: those kept here, or of a Prometheus' }),
        minutes: Type.Integer({ description: 'How far back it looks' }),
        step: Type.Integer({ description: 'Minutes between two numbers' }),
        to: Type.Optional(Type.String({ description: 'Its end, RFC 3339; now if it is left out' })),
      }),
      minutes: Type.Integer({ description: 'Known of the one that is known best' }),
      used: Type.Object({ cpu: used, memory: used }),
      throttled: Type.Optional(Type.Number({ description: 'Share of the time that its limit held it up' })),
      throttledPeriods: Type.Optional(
        Type.Number({
          description: 'Share of its scheduling periods that its limit held it up in, where no time is known',
        }),
      ),
      oomKills: Type.Integer(),
      facts: Type.Array(
        Type.Object({
          field: Type.String({ examples: ['limits.memory'] }),
          verdict: Type.Enum(['too-little', 'too-much', 'absent']),
          now: Type.Optional(Type.Number({ description: 'Cores or bytes; absent where it is not set' })),
          proposed: Type.Number(),
          quantity: Type.String({ examples: ['250m'] }),
          why: Type.String(),
        }),
      ),
      unknown: Type.Optional(Type.String({ description: 'Why nothing is proposed' })),
      action: Type.Optional(
        Type.Object(
          { id: Type.String(), action: Type.Literal('set-resources') },
          {
            description:
              'What sets the proposed values, on the condition that the present ones are still there: a document for the actor, see docs/actions.md',
            additionalProperties: true,
          },
        ),
      ),
    }),
  ),
  reason: Type.Optional(Type.String({ description: 'Why nothing at all is proposed' })),
  left: Type.Optional(Type.Integer({ description: 'How many more there are' })),
});

export const metricsAnswer = Type.Object(
  {
    success: Type.Literal(true),
    timestamp,
    from: timestamp,
    to: timestamp,
    step: Type.Integer({ description: 'Seconds between two numbers' }),
    source: Type.Enum(['own', 'prometheus'], {
      description:
        'Whose numbers: those of the last hour that are kept here, or those of the Prometheus that was asked',
    }),
    unknown: Type.Optional(Type.String({ description: 'Why numbers are missing' })),
    unknownNamespaces,
    resources: Type.Record(
      Type.String(),
      Type.Object({
        containers: Type.Optional(Type.Integer({ description: 'Of a sum: over how many containers' })),
        by: Type.Optional(
          Type.Array(Type.String(), {
            description:
              'Whose numbers they are: `minion`, `kubelet`, `metrics-server`, which has last values alone, or `prometheus`',
            examples: [['minion']],
          }),
        ),
        families: Type.Record(
          Type.String(),
          Type.Object({
            unit: Type.String({ examples: ['cores'] }),
            last: number,
            values: Type.Array(number, { description: 'From `from` to `to`; null where nothing is known' }),
            of: Type.Optional(Type.Integer({ description: 'Of a sum: how many containers are known of' })),
          }),
        ),
        requests: amounts,
        limits: amounts,
        oomKills: Type.Optional(Type.Integer({ description: 'Since the minion started' })),
      }),
    ),
    left: Type.Optional(Type.Integer({ description: 'How many more resources have numbers than one answer tells' })),
    telemetry: states('How the probes of each node stand that ever told something'),
  },
  { title: 'Metrics' },
);

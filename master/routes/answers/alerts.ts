// What is told of alerts.
import { Type } from '../../../src/schema.ts';
import { findingClasses, findingSeverities } from '../../findings/contract.ts';
import { timestamp } from './parts.ts';

const told = Type.Object(
  {
    id: Type.String(),
    name: Type.String({ examples: ['service-no-ready-endpoint'] }),
    class: Type.Enum([...findingClasses, 'change']),
    severity: Type.Enum([...findingSeverities]),
    resource: Type.String(),
    sentence: Type.String(),
    remedy: Type.String(),
    since: timestamp,
    state: Type.Enum(['pending', 'firing', 'held', 'explained', 'baseline', 'quiet'], {
      description:
        '`held`: its cause is told in its place; `explained`: by maintenance; `baseline`: it was so before alerts began; `quiet`: over',
    }),
    isTrue: Type.Boolean(),
    firedAt: Type.Optional(timestamp),
    flapping: Type.Optional(Type.String({ description: 'It comes and goes, since then' })),
    heldBy: Type.Optional(Type.String({ description: 'Id of the alert that is told in its place' })),
  },
  { additionalProperties: true },
);

export const alertsAnswer = Type.Object({
  success: Type.Literal(true),
  timestamp,
  state: Type.Enum(['off', 'starting', 'on'], { description: '`off` where no file of alerts is set' }),
  counts: Type.Record(Type.String(), Type.Integer(), { description: 'By state' }),
  total: Type.Integer(),
  remaining: Type.Optional(Type.Integer({ description: 'How many `limit` left out' })),
  alerts: Type.Array(told, { description: 'The worst first' }),
  place: Type.Optional(Type.Enum(['folder', 'memory'], { description: 'Whether what was told outlives a restart' })),
  groups: Type.Optional(
    Type.Array(
      Type.Object({
        labels: Type.Record(Type.String(), Type.String()),
        alerts: Type.Integer(),
        told: Type.Integer({ description: 'Messages so far' }),
        lastTold: Type.Optional(timestamp),
      }),
      { description: 'What is told together; for callers who may see everything' },
    ),
  ),
  groupsLeft: Type.Optional(Type.Integer({ description: 'How many groups are not listed' })),
  receivers: Type.Optional(
    Type.Array(
      Type.Object(
        {
          name: Type.String(),
          kind: Type.Enum(['alertmanager', 'webhook', 'log']),
          state: Type.Enum(['ok', 'waiting', 'failing']),
          sent: Type.Integer(),
          failed: Type.Integer(),
          lost: Type.Integer({ description: 'What is never delivered' }),
          waiting: Type.Integer(),
        },
        { additionalProperties: true },
      ),
      { description: 'Whether it arrived; for callers who may see everything' },
    ),
  ),
  faults: Type.Optional(
    Type.Array(Type.Object({ file: Type.String(), line: Type.Integer(), message: Type.String() }), {
      description: 'Parts of the file that are left out',
    }),
  ),
});

// Answers about the past.
import { Type } from '../../../src/schema.ts';
import { envelope, gapsSchema, relationSchema, timestamp } from './parts.ts';

/** A past moment. */
const momentSchema = Type.Object({ epoch: Type.String(), revision: Type.Integer(), timestamp });

const observation = {
  observed: Type.String({ description: 'How it was seen: watch, relist or restart', examples: ['watch'] }),
  notBefore: Type.Optional(timestamp),
};

const pathChange = Type.Object({
  path: Type.String({ examples: ['/properties/spec/replicas'] }),
  from: Type.Optional(Type.Unknown()),
  to: Type.Optional(Type.Unknown()),
  cut: Type.Optional(
    Type.Literal(true, {
      description: 'What is too long is told as a text: a part of it, from shortly before the first difference',
    }),
  ),
});

const pathChanges = { paths: Type.Optional(Type.Array(pathChange)), more: Type.Optional(Type.Integer()) };

const lists = (item: object, removed: object) =>
  Type.Object({ added: Type.Array(item), changed: Type.Array(item), removed: Type.Array(removed) });

export const diffAnswer = Type.Object(
  {
    ...envelope,
    from: momentSchema,
    to: momentSchema,
    resources: lists(anythingShape(), Type.String()),
    relations: lists(relationSchema, anythingShape()),
    changes: Type.Record(Type.String(), Type.Object({ ...observation, ...pathChanges }), {
      description: 'By id: how each change was seen, and the JSON pointers of what differs',
    }),
    gaps: gapsSchema,
  },
  { title: 'Diff' },
);

function anythingShape() {
  return Type.Object({}, { additionalProperties: true });
}

export const lifeAnswer = Type.Object(
  {
    success: Type.Literal(true),
    timestamp,
    id: Type.String(),
    versions: Type.Array(
      Type.Object({
        change: Type.String({ examples: ['changed'] }),
        epoch: Type.String(),
        revision: Type.Integer(),
        timestamp,
        incarnation: Type.Integer({ description: 'Counts objects of this name that were made one after the other' }),
        uid: Type.Optional(Type.String()),
        ...observation,
        ...pathChanges,
        resource: Type.Optional(anythingShape()),
      }),
    ),
    relations: Type.Array(
      Type.Object({
        change: Type.String({ examples: ['came'] }),
        epoch: Type.String(),
        revision: Type.Integer(),
        timestamp,
        type: Type.String(),
        source: Type.String(),
        target: Type.String(),
        relation: Type.Optional(relationSchema),
      }),
    ),
    events: Type.Array(anythingShape(), { description: 'Events of the API about it, where those are read' }),
    gaps: gapsSchema,
    remaining: Type.Integer(),
    cursor: Type.Optional(Type.String()),
  },
  { title: 'Life' },
);

const counts = Type.Object({ added: Type.Integer(), changed: Type.Integer(), removed: Type.Integer() });

export const timelineAnswer = Type.Object(
  {
    success: Type.Literal(true),
    timestamp,
    from: timestamp,
    to: timestamp,
    buckets: Type.Array(Type.Object({ from: timestamp, to: timestamp, groups: Type.Record(Type.String(), counts) })),
    gaps: gapsSchema,
  },
  { title: 'Timeline' },
);

export const historyAnswer = Type.Object(
  {
    success: Type.Literal(true),
    timestamp,
    state: Type.Object({ state: Type.String({ examples: ['recording'] }) }, { additionalProperties: true }),
    place: Type.String({ description: '`folder`, or `memory` where no folder is written: it ends with the process' }),
    limits: Type.Object({ seconds: Type.Integer(), bytes: Type.Integer() }),
    bytes: Type.Integer(),
    oldestAvailable: Type.Optional(timestamp),
    segments: Type.Array(anythingShape()),
    gaps: gapsSchema,
    partly: Type.Optional(Type.Literal(true)),
    aheadSeconds: Type.Optional(
      Type.Integer({
        description: 'What is recorded is ahead of the clock, which was set back: `now` is that much later',
      }),
    ),
    clockAheadSeconds: Type.Optional(
      Type.Integer({
        description:
          'The clock is ahead of where it was expected: what that makes too old is kept until it has stayed there for an hour',
      }),
    ),
  },
  { title: 'History' },
);

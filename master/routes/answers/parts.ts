// Parts that answers share: a resource, a relation, completeness, what every answer begins with.
import { Type } from '../../../src/schema.ts';

export const timestamp = Type.String({
  description: 'RFC 3339 UTC with milliseconds',
  examples: ['2026-11-20T16:58:32.123Z'],
});

export const resourceSchema = Type.Object(
  {
    id: Type.String({ examples: ['Pod:shop/frontend-5c677f5fb-lbhf9'] }),
    type: Type.String({ examples: ['Pod'] }),
    timestamp,
    properties: Type.Optional(Type.Unknown({ description: 'What the source said; left out with properties=false' })),
    annotations: Type.Object({ label: Type.String() }, { additionalProperties: true }),
  },
  { title: 'Resource' },
);

export const relationSchema = Type.Object(
  {
    id: Type.Optional(
      Type.String({
        description: 'With ids=true: source, type and target',
        examples: ['Node:node-a runs Pod:shop/redis-0'],
      }),
    ),
    type: Type.String({ examples: ['runs'] }),
    timestamp: Type.Optional({ ...timestamp, description: 'Left out, as rule and field, with reasons=false' }),
    source: Type.String({ examples: ['Node:node-a'] }),
    target: Type.String({ examples: ['Pod:shop/frontend-5c677f5fb-lbhf9'] }),
    annotations: Type.Object(
      {
        label: Type.String(),
        rule: Type.Optional(Type.String({ examples: ['node-runs-pod'] })),
        field: Type.Optional(Type.String({ examples: ['spec.nodeName'] })),
        fieldOf: Type.Optional(
          Type.String({
            description:
              "Whose field it is: that of the relation's `source` or `target`, or of a third object of this type",
            examples: ['target'],
          }),
        ),
      },
      { additionalProperties: true },
    ),
  },
  { title: 'Relation' },
);

const sourceState = Type.Object(
  { state: Type.String({ examples: ['synced'] }), since: timestamp, reason: Type.Optional(Type.String()) },
  { title: 'SourceState' },
);

export const states = (description: string) => Type.Record(Type.String(), sourceState, { description });

/** The short form lists only exceptions; the full form lists every source. */
export const completenessSchema = Type.Object(
  {
    complete: Type.Boolean({ description: 'Everything that is to be read was read and is in step' }),
    reason: Type.Optional(Type.String({ description: 'Why it is not complete, in one sentence' })),
    since: Type.Optional({
      ...timestamp,
      description: 'From when on something that is read was not known to be in step',
    }),
    counts: Type.Record(Type.String(), Type.Record(Type.String(), Type.Integer()), {
      description: 'By family and state: how many sources',
    }),
    kinds: states('By resource type; those that are as they should be with `completeness=full` alone'),
    minions: states('By node name; likewise'),
    groups: Type.Optional(states('By group and version, `*` for the API server as a whole; likewise')),
    leftOut: Type.Optional(states('By `plural.group`: what is served and not read, with `completeness=full`')),
  },
  {
    title: 'Completeness',
    // Each further family is one more key.
    additionalProperties: true,
  },
);

export const failureSchema = Type.Object(
  {
    success: Type.Literal(false),
    timestamp,
    error_message: Type.String(),
    code: Type.String(),
  },
  { title: 'Failure' },
);

export const demoMark = Type.Optional(
  Type.Literal(true, { description: 'What is answered is of the demo cluster, and so made up; absent otherwise' }),
);

export const envelope = { success: Type.Literal(true), timestamp, revision: Type.Integer(), demo: demoMark };

export const gapsSchema = Type.Array(
  Type.Object({
    from: timestamp,
    to: timestamp,
    reason: Type.String({ examples: ['restart'] }),
    cluster: Type.Optional(
      Type.String({ description: 'Whose it is, where several clusters are asked about together' }),
    ),
  }),
  { description: 'Of the past: spans of which nothing is known, that touch what was asked for' },
);

export const gaps = { gaps: Type.Optional(gapsSchema) };

export const unknownNamespaces = Type.Optional(
  Type.Array(
    Type.Object({
      name: Type.String({ examples: ['shpo'] }),
      nearest: Type.Optional(Type.String({ description: 'The one that is spelled most like it', examples: ['shop'] })),
    }),
    { description: 'Namespaces that were asked for and do not exist; left out where all do' },
  ),
);

export const unmatchedFields = Type.Optional(
  Type.Array(
    Type.Object({
      pointer: Type.String({ examples: ['/properties/spec/replica'] }),
      nearest: Type.Optional(
        Type.String({ description: 'The field that is spelled most like it', examples: ['/properties/spec/replicas'] }),
      ),
    }),
    { description: 'Pointers of `fields` that match nothing in any resource of this answer; left out where all match' },
  ),
);

/** What only an answer in pages has. */
export const page = {
  remaining: Type.Optional(Type.Integer({ description: 'Of an answer in pages: how many follow' })),
  cursor: Type.Optional(Type.String({ description: 'Of an answer in pages: asks for the next one' })),
};

export const graph = {
  ...envelope,
  resources: Type.Array(resourceSchema),
  relations: Type.Array(relationSchema),
  completeness: completenessSchema,
  unknownNamespaces,
  unmatchedFields,
  ...gaps,
};

export const optionalText = (description: string, example: string) =>
  Type.Optional(Type.String({ description, examples: [example] }));

export const anything = Type.Object({}, { additionalProperties: true });

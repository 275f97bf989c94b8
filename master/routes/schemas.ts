// The schemas of answers, as OpenAPI shows them. Bodies made of the graph's own bytes are not serialized by them: tests
// check that they hold.
import { Type } from 'typebox';
import { places, ranks } from '../graph/kept/search-terms.ts';
import { mediaTypes } from './forms.ts';

const jsonType = 'application/json';

const timestamp = Type.String({
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
  { $id: 'Resource' },
);

export const relationSchema = Type.Object(
  {
    type: Type.String({ examples: ['runs'] }),
    timestamp: Type.Optional({ ...timestamp, description: 'Left out, as rule and field, with reasons=false' }),
    source: Type.String({ examples: ['Node:node-a'] }),
    target: Type.String({ examples: ['Pod:shop/frontend-5c677f5fb-lbhf9'] }),
    annotations: Type.Object(
      {
        label: Type.String(),
        rule: Type.Optional(Type.String({ examples: ['node-runs-pod'] })),
        field: Type.Optional(Type.String({ examples: ['spec.nodeName'] })),
      },
      { additionalProperties: true },
    ),
  },
  { $id: 'Relation' },
);

const sourceState = Type.Object(
  { state: Type.String({ examples: ['synced'] }), since: timestamp, reason: Type.Optional(Type.String()) },
  { $id: 'SourceState' },
);

const states = (description: string) => Type.Record(Type.String(), sourceState, { description });

/** The short form has exceptions alone in its families, the full one every source. */
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
    $id: 'Completeness',
    // One more family of sources is one more key.
    additionalProperties: true,
  },
);

export const completenessAnswer = Type.Object({
  success: Type.Literal(true),
  timestamp,
  revision: Type.Integer(),
  completeness: completenessSchema,
});

export const failureSchema = Type.Object(
  {
    success: Type.Literal(false),
    timestamp,
    error_message: Type.String(),
    code: Type.String(),
  },
  { $id: 'Failure' },
);

const envelope = { success: Type.Literal(true), timestamp, revision: Type.Integer() };

/** What only an answer in pages has. */
const page = {
  remaining: Type.Optional(Type.Integer({ description: 'Of an answer in pages: how many follow' })),
  cursor: Type.Optional(Type.String({ description: 'Of an answer in pages: asks for the next one' })),
};

const graph = {
  ...envelope,
  resources: Type.Array(resourceSchema),
  relations: Type.Array(relationSchema),
  completeness: completenessSchema,
};

export const graphAnswer = Type.Object({ ...graph, ...page });

const counts = (description: string) => Type.Record(Type.String(), Type.Integer(), { description });

const groupSchema = Type.Object(
  {
    id: Type.String({ examples: ['ResourceGroup:shop'] }),
    type: Type.Literal('ResourceGroup'),
    timestamp,
    properties: Type.Object({
      by: Type.String({ examples: ['namespace'] }),
      key: Type.String({ description: 'Empty for what is in no group', examples: ['shop'] }),
      resources: Type.Integer(),
      relations: Type.Integer({ description: 'Within the group' }),
      missing: Type.Integer({ description: 'What something names and does not exist' }),
      types: counts('By type: how many resources'),
      health: counts('By state of health: how many resources; what has no health is in none'),
      worst: Type.Optional(Type.String({ description: 'The state among them that asks for most attention' })),
    }),
    annotations: Type.Object({ label: Type.String() }, { additionalProperties: true }),
  },
  { $id: 'ResourceGroup' },
);

export const groupsAnswer = Type.Object({
  ...graph,
  resources: Type.Array(groupSchema),
  total: Type.Integer({ description: 'How many groups there are' }),
  remaining: Type.Optional(Type.Integer({ description: 'How many of them `limit` left out' })),
});

const optionalText = (description: string, example: string) =>
  Type.Optional(Type.String({ description, examples: [example] }));

export const analysisAnswer = Type.Object({
  ...envelope,
  of: Type.String(),
  resources: Type.Integer({ description: 'How many were looked at' }),
  relations: Type.Integer({ description: 'How many were looked at' }),
  total: Type.Integer({ description: 'How much was found; `limit` bounds what is told' }),
  findings: Type.Array(
    Type.Object({
      ids: Type.Array(Type.String(), { description: 'In the order of ids' }),
      value: Type.Optional(
        Type.Number({
          description:
            'Of `centrality` the share of shortest ways, of `articulation` into how many parts the rest falls',
        }),
      ),
    }),
    { description: 'The largest, or those of the largest value, first' },
  ),
});

export const searchAnswer = Type.Object({
  ...envelope,
  resources: Type.Array(
    Type.Object(
      {
        id: Type.String({ examples: ['Pod:shop/frontend-5c677f5fb-lbhf9'] }),
        type: Type.String({ examples: ['Pod'] }),
        name: Type.String({ examples: ['frontend-5c677f5fb-lbhf9'] }),
        label: Type.String(),
        namespace: optionalText('Left out for what is in none', 'shop'),
        alternateLabel: optionalText('A symbolic name beside the label', 'nginx:1.27'),
        application: optionalText('The application that it is a part of', 'shop'),
        health: Type.Optional(Type.Object({ state: Type.String(), reason: Type.String() })),
        match: Type.Object({
          rank: Type.Enum([...ranks], { description: 'How well it matches, from best to worst' }),
          in: Type.Enum([...places], { description: 'What matches' }),
          text: Type.String({ description: 'The text that matches, in lower case' }),
        }),
      },
      { $id: 'Hit' },
    ),
    { description: 'The best match first' },
  ),
  more: Type.Boolean({ description: 'There are others that match' }),
});

export const resourcesAnswer = Type.Object({
  ...envelope,
  resources: Type.Array(resourceSchema),
  completeness: completenessSchema,
  ...page,
});

export const pathAnswer = Type.Object({
  ...graph,
  paths: Type.Array(Type.Array(Type.String()), { description: 'Ids from one end to the other, shortest first' }),
  allPaths: Type.Boolean({ description: 'False where there may be more paths than are told' }),
});

export const impactAnswer = Type.Object({
  ...graph,
  distances: Type.Record(Type.String(), Type.Integer(), { description: 'By id: over how many relations' }),
});

export const resourceAnswer = Type.Object({
  ...envelope,
  resource: resourceSchema,
  resources: Type.Array(resourceSchema),
  relations: Type.Array(relationSchema),
});

export const anything = Type.Object({}, { additionalProperties: true });

/** A document in one media type. */
export function inForm(mediaType: string, description: string): object {
  return { description, content: { [mediaType]: { schema: Type.String() } } };
}

/** A graph in any form. */
export function inForms(answer: object, description: string): object {
  const json = { [jsonType]: { schema: answer } };
  const others = mediaTypes.filter((each) => each !== jsonType).map((each) => [each, { schema: Type.String() }]);
  return { description, content: { ...json, ...Object.fromEntries(others) } };
}

/** A route's answers: `answer` where it went well, the failure document else. */
export function answers(answer: object): { response: object } {
  return { response: { 200: answer, default: failureSchema } };
}

export const noQuery = Type.Object({}, { additionalProperties: false });

// Answers with a graph, a part of one, or what is told of it.
import { Type } from '../../../src/schema.ts';
import { places, ranks } from '../../graph/kept/search-terms.ts';
import { findingCounts, findingSchema } from './findings.ts';
import {
  completenessSchema,
  envelope,
  gaps,
  graph,
  optionalText,
  page,
  relationSchema,
  resourceSchema,
  timestamp,
  unknownNamespaces,
  unmatchedFields,
} from './parts.ts';

export const completenessAnswer = Type.Object(
  {
    success: Type.Literal(true),
    timestamp,
    revision: Type.Integer(),
    completeness: completenessSchema,
  },
  { title: 'CompletenessAnswer' },
);

export const graphAnswer = Type.Object({ ...graph, ...page }, { title: 'Graph' });

export const resourcesAnswer = Type.Object(
  {
    ...envelope,
    resources: Type.Array(resourceSchema),
    completeness: completenessSchema,
    unknownNamespaces,
    unmatchedFields,
    ...gaps,
    ...page,
  },
  { title: 'Resources' },
);

export const resourceAnswer = Type.Object(
  {
    ...envelope,
    resource: resourceSchema,
    resources: Type.Array(resourceSchema),
    relations: Type.Array(relationSchema),
    findings: Type.Optional(
      Type.Array(findingSchema, {
        description:
          'What is wrong with it, or harms it: what others cause may be a second old. Left out of the past, and while everything is looked at for the first time',
      }),
    ),
    ...gaps,
  },
  { title: 'ResourceAnswer' },
);

export const pathAnswer = Type.Object(
  {
    ...graph,
    paths: Type.Array(Type.Array(Type.String()), { description: 'Ids from one end to the other, shortest first' }),
    along: Type.Enum(['dependence', 'relations'], {
      description: '`dependence`: each depends on the next, or each on the one before',
    }),
    viaHubs: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'Namespaces, Nodes, the Cluster or default ServiceAccounts on the way: nothing else connects the two',
      }),
    ),
    allPaths: Type.Boolean({ description: 'False where there may be more paths than are told' }),
  },
  { title: 'Paths' },
);

export const impactAnswer = Type.Object(
  {
    ...graph,
    distances: Type.Record(Type.String(), Type.Integer(), { description: 'By id: over how many relations' }),
    degraded: Type.Record(
      Type.String(),
      Type.Object({
        lost: Type.Integer({ description: 'How many of what it needs go' }),
        of: Type.Integer({ description: 'How many there are' }),
        type: Type.String({ description: 'What is counted', examples: ['Pod'] }),
        share: Type.String({ description: 'The same for people', examples: ['2 of 3 Pods'] }),
      }),
      { description: 'By id: what does not go, but loses some of what it needs' },
    ),
  },
  { title: 'Impact' },
);

const countsBy = (description: string) => Type.Record(Type.String(), Type.Integer(), { description });

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
      missing: Type.Integer({ description: 'What something names and needs, and does not exist' }),
      types: countsBy('By type: how many resources'),
      health: countsBy('By state of health: how many resources; what has no health is in none'),
      worst: Type.Optional(Type.String({ description: 'The state among them that asks for most attention' })),
    }),
    annotations: Type.Object({ label: Type.String() }, { additionalProperties: true }),
  },
  { title: 'ResourceGroup' },
);

export const groupsAnswer = Type.Object(
  {
    ...graph,
    resources: Type.Array(groupSchema),
    findings: Type.Optional(
      Type.Record(Type.String(), findingCounts, {
        description:
          'By id of the group: how much is wrong in it, advice left out; left out of the past, and until everything was looked at once',
      }),
    ),
    unjudged: Type.Optional(
      Type.Integer({
        description:
          'How many resources were not looked at yet: after a start in place of `findings`, and beside them where changes come faster than they are looked at',
      }),
    ),
    total: Type.Integer({ description: 'How many groups there are' }),
    remaining: Type.Optional(Type.Integer({ description: 'How many of them `limit` left out' })),
  },
  { title: 'Groups' },
);

export const searchAnswer = Type.Object(
  {
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
        { title: 'Hit' },
      ),
      { description: 'The best match first' },
    ),
    more: Type.Boolean({ description: 'There are others that match' }),
    ...gaps,
  },
  { title: 'Search' },
);

export const analysisAnswer = Type.Object(
  {
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
  },
  { title: 'Analysis' },
);

const listed = (item: object, removed: object) =>
  Type.Optional(
    Type.Object({
      added: Type.Optional(Type.Array(item)),
      changed: Type.Optional(Type.Array(item)),
      removed: Type.Optional(Type.Array(removed)),
    }),
  );

/** Data of an event of `/cluster/watch`. A `resync` has only revision and timestamp. */
export const changeEventSchema = Type.Object(
  {
    revision: Type.Integer(),
    timestamp,
    resources: listed(resourceSchema, Type.String({ description: 'The id' })),
    relations: listed(
      relationSchema,
      Type.Object({ type: Type.String(), source: Type.String(), target: Type.String() }),
    ),
    touched: Type.Optional(
      Type.Record(Type.String(), timestamp, {
        description:
          'With `properties=false`: by id, the new timestamps of resources of which nothing else changed that is shown',
      }),
    ),
    completeness: Type.Optional(completenessSchema),
  },
  { title: 'ChangeEvent' },
);

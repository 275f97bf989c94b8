// Schemas of answers for OpenAPI. Bodies from the graph's own bytes are not serialized by them: tests check that they
// match.
import { Type } from '../../src/schema.ts';
import { findingClasses, findingSeverities } from '../findings/contract.ts';
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

const states = (description: string) => Type.Record(Type.String(), sourceState, { description });

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

export const completenessAnswer = Type.Object(
  {
    success: Type.Literal(true),
    timestamp,
    revision: Type.Integer(),
    completeness: completenessSchema,
  },
  { title: 'CompletenessAnswer' },
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

const envelope = { success: Type.Literal(true), timestamp, revision: Type.Integer(), demo: demoMark };

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

const gaps = { gaps: Type.Optional(gapsSchema) };

const unknownNamespaces = Type.Optional(
  Type.Array(
    Type.Object({
      name: Type.String({ examples: ['shpo'] }),
      nearest: Type.Optional(Type.String({ description: 'The one that is spelled most like it', examples: ['shop'] })),
    }),
    { description: 'Namespaces that were asked for and do not exist; left out where all do' },
  ),
);

const unmatchedFields = Type.Optional(
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
const page = {
  remaining: Type.Optional(Type.Integer({ description: 'Of an answer in pages: how many follow' })),
  cursor: Type.Optional(Type.String({ description: 'Of an answer in pages: asks for the next one' })),
};

const graph = {
  ...envelope,
  resources: Type.Array(resourceSchema),
  relations: Type.Array(relationSchema),
  completeness: completenessSchema,
  unknownNamespaces,
  unmatchedFields,
  ...gaps,
};

export const graphAnswer = Type.Object({ ...graph, ...page }, { title: 'Graph' });

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

const optionalText = (description: string, example: string) =>
  Type.Optional(Type.String({ description, examples: [example] }));

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

export const findingSchema = Type.Object(
  {
    id: Type.String({ description: 'The same for the same trouble', examples: ['zq8sK2m0aP3bT7xY'] }),
    name: Type.String({ examples: ['reference-missing'] }),
    class: Type.Enum([...findingClasses]),
    severity: Type.Enum([...findingSeverities]),
    resource: Type.String({
      description: 'Id of the resource that it hangs on',
      examples: ['Deployment:web/checkout'],
    }),
    type: Type.String({ examples: ['Deployment'] }),
    namespace: optionalText('Left out for what is in none', 'web'),
    sentence: Type.String({ description: 'What is wrong' }),
    remedy: Type.String({ description: 'What to do about it' }),
    link: Type.String({ description: 'Where to read on' }),
    field: optionalText('The field that says so', 'spec.template.spec.containers[0].envFrom[0].configMapRef'),
    path: Type.Array(
      Type.Object({
        from: Type.String(),
        to: Type.String(),
        type: Type.String({ examples: ['uses'] }),
        field: Type.Optional(Type.String()),
      }),
      { description: 'Relations of the graph that prove it' },
    ),
    affected: Type.Object(
      { count: Type.Integer(), first: Type.Array(Type.String()) },
      { description: 'What suffers: how many, and the first ten ids' },
    ),
    since: timestamp,
    causedBy: optionalText('Id of a finding that explains it', 'q0b3c8nUoXk2w5Ty'),
    accepted: Type.Optional(
      Type.Object({ reason: Type.String(), by: Type.String() }, { description: 'It is accepted' }),
    ),
    possibly: Type.Optional(Type.Literal(true, { description: 'Something that is not known may make it untrue' })),
    asOf: Type.Optional({ ...timestamp, description: 'Of what is worked out now and then: as of when' }),
  },
  { title: 'Finding' },
);

const bySeverity = Type.Record(Type.String(), Type.Integer());

export const findingCounts = Type.Object(
  { broken: bySeverity, risk: bySeverity, advice: bySeverity, accepted: Type.Integer() },
  { description: 'By class and severity; accepted ones are counted apart' },
);

export const undecidedSchema = Type.Array(
  Type.Object({ name: Type.String(), reason: Type.String(), count: Type.Integer() }),
  { description: 'What could not be told, why, and of how many resources' },
);

export const findingsAnswer = Type.Object(
  {
    ...envelope,
    counts: findingCounts,
    total: Type.Integer({ description: 'How many findings are meant by the question' }),
    findings: Type.Optional(Type.Array(findingSchema, { description: 'The worst first; left out with `by`' })),
    groups: Type.Optional(
      Type.Array(
        Type.Object({
          key: Type.String({ description: 'Empty for what is in no group' }),
          findings: Type.Integer(),
          worst: Type.Optional(Type.Enum([...findingSeverities])),
          counts: findingCounts,
        }),
      ),
    ),
    undecided: undecidedSchema,
    unknownNamespaces,
    completeness: completenessSchema,
    ...gaps,
    ...page,
  },
  { title: 'Findings' },
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

/** Answers of a route: `answer` on success, otherwise the failure document. */
export function answers(answer: object): { response: object } {
  return { response: { 200: answer, default: failureSchema } };
}

export const noQuery = Type.Object({}, { additionalProperties: false });

/** A past moment. */
export const momentSchema = Type.Object({ epoch: Type.String(), revision: Type.Integer(), timestamp });

const observation = {
  observed: Type.String({ description: 'How it was seen: watch, relist or restart', examples: ['watch'] }),
  notBefore: Type.Optional(timestamp),
};

const pathChange = Type.Object({
  path: Type.String({ examples: ['/properties/spec/replicas'] }),
  from: Type.Optional(Type.Unknown()),
  to: Type.Optional(Type.Unknown()),
  cut: Type.Optional(Type.Literal(true)),
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
  },
  { title: 'History' },
);

// Answers with findings.
import { Type } from '../../../src/schema.ts';
import { findingClasses, findingSeverities } from '../../findings/contract.ts';
import { completenessSchema, envelope, gaps, optionalText, page, timestamp, unknownNamespaces } from './parts.ts';

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

const undecidedSchema = Type.Array(Type.Object({ name: Type.String(), reason: Type.String(), count: Type.Integer() }), {
  description: 'What could not be told, why, and of how many resources',
});

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

import {
  admissionGuardsNamespace,
  admissionPolicyParameterKind,
  mutatingPolicyBinding,
  mutatingPolicyParameters,
  validatingPolicyBinding,
  validatingPolicyParameters,
} from '../../../master/relations/admission-policies.ts';
import type { End } from '../../../master/relations/relation.ts';
import { clusterObject, labelled, named, ruleCases } from '../../support/rule-cases.ts';

const make = (kind: string, spec: object) => clusterObject('admissionregistration.k8s.io/v1', kind, { spec });

for (const [rule, policy] of [
  [validatingPolicyBinding, 'ValidatingAdmissionPolicy'],
  [mutatingPolicyBinding, 'MutatingAdmissionPolicy'],
] as const) {
  ruleCases(rule, [
    {
      says: 'a binding uses its policy',
      object: make(`${policy}Binding`, { policyName: 'limits', paramRef: { name: 'p', namespace: 'shop' } }),
      refers: [{ target: named(policy, 'limits'), field: 'spec.policyName' }],
    },
    { says: 'a binding without a policy uses none', object: make(`${policy}Binding`, {}), refers: [] },
  ]);
}

ruleCases(admissionPolicyParameterKind, [
  {
    says: 'a policy says of which kind its parameters are, with its group',
    object: make('ValidatingAdmissionPolicy', { paramKind: { apiVersion: 'rules.acme.io/v1', kind: 'Limit' } }),
    refers: [
      {
        states: { index: 'param-kind', key: 'ValidatingAdmissionPolicy it', value: 'Limit.rules.acme.io' },
        field: 'spec.paramKind',
      },
    ],
  },
  { says: 'a policy without parameters says nothing', object: make('MutatingAdmissionPolicy', {}), refers: [] },
]);

for (const [rule, policy] of [
  [validatingPolicyParameters, 'ValidatingAdmissionPolicy'],
  [mutatingPolicyParameters, 'MutatingAdmissionPolicy'],
] as const) {
  const bind = (paramRef: object) => make(`${policy}Binding`, { policyName: 'limits', paramRef });
  const when = { given: { index: 'param-kind', key: `${policy} limits` }, fill: 'type' } as const;
  ruleCases(rule, [
    {
      says: 'a binding uses the one object it names, of the kind that its policy says',
      object: bind({ name: 'small', namespace: 'ops', parameterNotFoundAction: 'Deny' }),
      refers: [{ target: named('', 'small', 'ops'), field: 'spec.paramRef', when }],
    },
    {
      says: 'without a namespace it is the one of that name in each, or in none',
      object: bind({ name: 'small' }),
      refers: [{ target: { ...labelled('', {}), names: ['small'] } as End, field: 'spec.paramRef', when }],
    },
    {
      says: 'by a selector it uses what that matches, in its namespace',
      object: bind({
        selector: { matchLabels: { tier: 'small' } },
        namespace: 'ops',
        parameterNotFoundAction: 'Allow',
      }),
      refers: [
        {
          target: labelled('', { matchLabels: { tier: 'small' } }, 'ops'),
          field: 'spec.paramRef',
          when,
          optional: true,
        },
      ],
    },
    {
      says: 'a binding without parameters uses none',
      object: make(`${policy}Binding`, { policyName: 'x' }),
      refers: [],
    },
  ]);
}

const team = { matchLabels: { team: 'a' } };

ruleCases(admissionGuardsNamespace, [
  {
    says: 'a webhook guards the Namespaces that its selector chooses; without one, all, and none is named',
    object: clusterObject('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', {
      webhooks: [{}, { namespaceSelector: {} }, { namespaceSelector: team }],
    }),
    refers: [{ target: labelled('Namespace', team), field: 'webhooks[2].namespaceSelector' }],
  },
  {
    says: 'so does a policy',
    object: make('MutatingAdmissionPolicy', { matchConstraints: { namespaceSelector: team } }),
    refers: [{ target: labelled('Namespace', team), field: 'spec.matchConstraints.namespaceSelector' }],
  },
  {
    says: 'and a binding, by name too',
    object: make('ValidatingAdmissionPolicyBinding', {
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } },
    }),
    refers: [{ target: named('Namespace', 'shop'), field: 'spec.matchResources.namespaceSelector', optional: true }],
  },
  { says: 'who guards everything relates to nothing', object: make('ValidatingAdmissionPolicy', {}), refers: [] },
]);

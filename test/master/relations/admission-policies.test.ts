import {
  admissionPolicyParameters,
  mutatingPolicyBinding,
  validatingPolicyBinding,
} from '../../../master/relations/admission-policies.ts';
import { clusterObject, named, ruleCases } from '../../support/rule-cases.ts';

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

ruleCases(admissionPolicyParameters, [
  {
    says: 'a policy uses the objects of its parameter kind, with its group',
    object: make('ValidatingAdmissionPolicy', { paramKind: { apiVersion: 'rules.acme.io/v1', kind: 'Limit' } }),
    refers: [
      { target: { by: 'kind', type: 'Limit.rules.acme.io', namespaces: { all: true } }, field: 'spec.paramKind' },
    ],
  },
  { says: 'a policy without parameters uses none', object: make('MutatingAdmissionPolicy', {}), refers: [] },
]);

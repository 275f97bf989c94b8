// Admission policies, their bindings, and the objects they take parameters from.
import { isName, isRecord } from '../../src/fields.ts';
import { typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Reference, Rule } from './relation.ts';

interface Binding extends KubernetesObject {
  readonly spec?: { readonly policyName?: unknown } | null;
}

const policies = ['ValidatingAdmissionPolicy', 'MutatingAdmissionPolicy'];

function pointAtPolicy(object: Binding, type: string, refer: (reference: Reference) => void): void {
  const name = object.spec?.policyName;
  if (isName(name)) refer({ target: { by: 'name', type, name }, field: 'spec.policyName' });
}

export const validatingPolicyBinding = {
  name: 'validating-policy-binding',
  relation: 'uses',
  reads: ['ValidatingAdmissionPolicyBinding'],
  source: ['ValidatingAdmissionPolicyBinding'],
  target: ['ValidatingAdmissionPolicy'],
  fields: ['spec.policyName'],
  dependence: 'source',
  sentence: 'A ValidatingAdmissionPolicyBinding uses the policy it binds.',
  infer: (object: Binding, refer) => pointAtPolicy(object, 'ValidatingAdmissionPolicy', refer),
} as const satisfies Rule;

export const mutatingPolicyBinding = {
  name: 'mutating-policy-binding',
  relation: 'uses',
  reads: ['MutatingAdmissionPolicyBinding'],
  source: ['MutatingAdmissionPolicyBinding'],
  target: ['MutatingAdmissionPolicy'],
  fields: ['spec.policyName'],
  dependence: 'source',
  sentence: 'A MutatingAdmissionPolicyBinding uses the policy it binds.',
  infer: (object: Binding, refer) => pointAtPolicy(object, 'MutatingAdmissionPolicy', refer),
} as const satisfies Rule;

export const admissionPolicyParameters = {
  name: 'admission-policy-parameters',
  relation: 'uses',
  reads: policies,
  source: policies,
  target: ['*'],
  fields: ['spec.paramKind'],
  dependence: 'source',
  sentence: 'An admission policy uses the objects of its parameter kind; which of them, each of its bindings says.',
  infer(object, refer) {
    const { spec } = object as { spec?: { paramKind?: unknown } | null };
    const kind = spec?.paramKind;
    if (!isRecord(kind) || !isName(kind['kind'])) return;
    const type = typeOfReference(isName(kind['apiVersion']) ? kind['apiVersion'] : undefined, kind['kind']);
    refer({ target: { by: 'kind', type, namespaces: { all: true } }, field: 'spec.paramKind' });
  },
} as const satisfies Rule;

// Admission policies, their bindings, and their parameter objects.
import { walkerOf } from '../../src/field-paths.ts';
import { isFilled, isName, isRecord, itemsOf } from '../../src/fields.ts';
import { typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject, LabelSelector } from '../../src/model.ts';
import type { Reference, Rule } from './relation.ts';
import { selectNamespaces } from './selecting.ts';

interface Binding extends KubernetesObject {
  readonly spec?: { readonly policyName?: unknown; readonly paramRef?: unknown } | null;
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
  sentence: 'A ValidatingAdmissionPolicyBinding uses the ValidatingAdmissionPolicy it names.',
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
  sentence: 'A MutatingAdmissionPolicyBinding uses the MutatingAdmissionPolicy it names.',
  infer: (object: Binding, refer) => pointAtPolicy(object, 'MutatingAdmissionPolicy', refer),
} as const satisfies Rule;

const paramIndex = 'param-kind';

export const admissionPolicyParameterKind = {
  name: 'admission-policy-parameter-kind',
  relation: 'states',
  reads: policies,
  source: policies,
  target: ['*'],
  fields: ['spec.paramKind'],
  dependence: 'none',
  sentence: 'An admission policy states the kind of its parameters. Its bindings name the objects.',
  infer(object, refer) {
    const { spec } = object as { spec?: { paramKind?: unknown } | null };
    const kind = spec?.paramKind;
    if (!isRecord(kind) || !isName(kind['kind'])) return;
    const value = typeOfReference(isName(kind['apiVersion']) ? kind['apiVersion'] : undefined, kind['kind']);
    const key = `${object.kind} ${object.metadata.name}`;
    refer({ states: { index: paramIndex, key, value }, field: 'spec.paramKind' });
  },
} as const satisfies Rule;

/** Without a namespace, parameters are in the namespace of the examined object, or cluster-scoped. */
function pointAtParameters(object: Binding, policy: string, refer: (reference: Reference) => void): void {
  const { policyName, paramRef } = object.spec ?? {};
  if (!isName(policyName) || !isRecord(paramRef)) return;
  const { name, namespace, selector, parameterNotFoundAction } = paramRef;
  const when = { given: { index: paramIndex, key: `${policy} ${policyName}` }, fill: 'type' } as const;
  // If parameters are not found, the binding may skip the policy.
  const optional = parameterNotFoundAction === 'Allow' || undefined;
  const marks = { field: 'spec.paramRef', when, optional };
  const namespaces = isName(namespace) ? ({ in: [namespace] } as const) : ({ all: true } as const);
  if (isName(name) && isName(namespace)) {
    refer({ target: { by: 'name', type: '', namespace, name }, ...marks });
  } else if (isName(name)) {
    refer({ target: { by: 'labels', type: '', namespaces, selector: {}, names: [name] }, ...marks });
  } else if (isRecord(selector)) refer({ target: { by: 'labels', type: '', namespaces, selector }, ...marks });
}

export const validatingPolicyParameters = {
  name: 'validating-policy-parameters',
  relation: 'uses',
  reads: ['ValidatingAdmissionPolicyBinding'],
  source: ['ValidatingAdmissionPolicyBinding'],
  target: ['*'],
  fields: ['spec.paramRef'],
  dependence: 'source',
  sentence:
    'A ValidatingAdmissionPolicyBinding uses the parameter objects it refers to, of the kind stated by its policy.',
  infer: (object: Binding, refer) => pointAtParameters(object, 'ValidatingAdmissionPolicy', refer),
} as const satisfies Rule;

export const mutatingPolicyParameters = {
  name: 'mutating-policy-parameters',
  relation: 'uses',
  reads: ['MutatingAdmissionPolicyBinding'],
  source: ['MutatingAdmissionPolicyBinding'],
  target: ['*'],
  fields: ['spec.paramRef'],
  dependence: 'source',
  sentence:
    'A MutatingAdmissionPolicyBinding uses the parameter objects it refers to, of the kind stated by its policy.',
  infer: (object: Binding, refer) => pointAtParameters(object, 'MutatingAdmissionPolicy', refer),
} as const satisfies Rule;

const webhooks = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'];
const bindings = ['ValidatingAdmissionPolicyBinding', 'MutatingAdmissionPolicyBinding'];
const guards = [
  'webhooks[].namespaceSelector',
  'spec.matchConstraints.namespaceSelector',
  'spec.matchResources.namespaceSelector',
];
const walkGuards = guards.map(walkerOf);

export const admissionGuardsNamespace = {
  name: 'admission-guards-namespace',
  relation: 'guards',
  reads: [...webhooks, ...policies, ...bindings],
  source: [...webhooks, ...policies, ...bindings],
  target: ['Namespace'],
  fields: guards,
  dependence: 'none',
  sentence:
    'An admission webhook, policy or binding guards the Namespaces that its namespaceSelector matches. Without a selector it guards all of them, and no relation is made.',
  infer(object, refer) {
    for (const walk of walkGuards) {
      walk(object, (selector, path) => {
        if (isFilled(selector) && !isEmptySelector(selector)) selectNamespaces(selector, path(), refer);
      });
    }
  },
} as const satisfies Rule;

function isEmptySelector({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return !isFilled(matchLabels) && itemsOf(matchExpressions).length === 0;
}

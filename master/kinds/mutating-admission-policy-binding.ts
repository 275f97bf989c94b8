// MutatingAdmissionPolicyBinding of the admissionregistration.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const mutatingAdmissionPolicyBinding = {
  kind: 'MutatingAdmissionPolicyBinding',
  group: 'admissionregistration.k8s.io',
  versions: ['v1', 'v1beta1'],
  plural: 'mutatingadmissionpolicybindings',
  namespaced: false,
} as const satisfies Kind;

// ValidatingAdmissionPolicyBinding of the admissionregistration.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const validatingAdmissionPolicyBinding = {
  kind: 'ValidatingAdmissionPolicyBinding',
  group: 'admissionregistration.k8s.io',
  versions: ['v1'],
  plural: 'validatingadmissionpolicybindings',
  namespaced: false,
} as const satisfies Kind;

// MutatingAdmissionPolicy of the admissionregistration.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const mutatingAdmissionPolicy = {
  kind: 'MutatingAdmissionPolicy',
  group: 'admissionregistration.k8s.io',
  versions: ['v1', 'v1beta1'],
  plural: 'mutatingadmissionpolicies',
  namespaced: false,
} as const satisfies Kind;

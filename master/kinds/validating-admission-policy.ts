// ValidatingAdmissionPolicy of the admissionregistration.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const validatingAdmissionPolicy = {
  kind: 'ValidatingAdmissionPolicy',
  group: 'admissionregistration.k8s.io',
  versions: ['v1'],
  plural: 'validatingadmissionpolicies',
  namespaced: false,
} as const satisfies Kind;

// InferencePool of its former experimental group: how it is found and read.
import type { Kind } from './kind.ts';

export const experimentalInferencePool = {
  kind: 'InferencePool',
  group: 'inference.networking.x-k8s.io',
  versions: ['v1alpha2'],
  plural: 'inferencepools',
  namespaced: true,
} as const satisfies Kind;

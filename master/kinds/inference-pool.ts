// InferencePool of the inference.networking.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const inferencePool = {
  kind: 'InferencePool',
  group: 'inference.networking.k8s.io',
  versions: ['v1'],
  plural: 'inferencepools',
  namespaced: true,
  aliases: ['infpool'],
} as const satisfies Kind;

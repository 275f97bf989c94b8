// PodDisruptionBudget of the policy group: how it is found and read.
import type { Kind } from './kind.ts';

export const podDisruptionBudget = {
  kind: 'PodDisruptionBudget',
  group: 'policy',
  versions: ['v1'],
  plural: 'poddisruptionbudgets',
  namespaced: true,
  aliases: ['pdb'],
} as const satisfies Kind;

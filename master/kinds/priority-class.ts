// PriorityClass of the scheduling.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const priorityClass = {
  kind: 'PriorityClass',
  group: 'scheduling.k8s.io',
  versions: ['v1'],
  plural: 'priorityclasses',
  namespaced: false,
  aliases: ['pc'],
} as const satisfies Kind;

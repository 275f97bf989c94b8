// ApplicationSet of the argoproj.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const applicationSet = {
  kind: 'ApplicationSet',
  group: 'argoproj.io',
  versions: ['v1alpha1'],
  plural: 'applicationsets',
  namespaced: true,
  aliases: ['appset', 'appsets'],
} as const satisfies Kind;

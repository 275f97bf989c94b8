// AppProject of the argoproj.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const appProject = {
  kind: 'AppProject',
  group: 'argoproj.io',
  versions: ['v1alpha1'],
  plural: 'appprojects',
  namespaced: true,
  aliases: ['appproj', 'appprojs'],
} as const satisfies Kind;

// PodTemplate of the core group: how it is found and read.
import type { Kind } from './kind.ts';

export const podTemplate = {
  kind: 'PodTemplate',
  group: '',
  versions: ['v1'],
  plural: 'podtemplates',
  namespaced: true,
} as const satisfies Kind;

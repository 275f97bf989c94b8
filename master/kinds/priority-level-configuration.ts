// PriorityLevelConfiguration of the flowcontrol.apiserver.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const priorityLevelConfiguration = {
  kind: 'PriorityLevelConfiguration',
  group: 'flowcontrol.apiserver.k8s.io',
  versions: ['v1'],
  plural: 'prioritylevelconfigurations',
  namespaced: false,
} as const satisfies Kind;

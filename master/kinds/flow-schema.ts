// FlowSchema of the flowcontrol.apiserver.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const flowSchema = {
  kind: 'FlowSchema',
  group: 'flowcontrol.apiserver.k8s.io',
  versions: ['v1'],
  plural: 'flowschemas',
  namespaced: false,
} as const satisfies Kind;

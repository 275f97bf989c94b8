// ServiceExport of the multicluster.x-k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const serviceExport = {
  kind: 'ServiceExport',
  group: 'multicluster.x-k8s.io',
  versions: ['v1beta1', 'v1alpha1'],
  plural: 'serviceexports',
  namespaced: true,
  aliases: ['svcex', 'svcexport'],
} as const satisfies Kind;

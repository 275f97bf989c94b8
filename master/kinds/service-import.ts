// ServiceImport of the multicluster.x-k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const serviceImport = {
  kind: 'ServiceImport',
  group: 'multicluster.x-k8s.io',
  versions: ['v1beta1', 'v1alpha1'],
  plural: 'serviceimports',
  namespaced: true,
  aliases: ['svcim', 'svcimport'],
} as const satisfies Kind;

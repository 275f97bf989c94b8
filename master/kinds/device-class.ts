// DeviceClass of the resource.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const deviceClass = {
  kind: 'DeviceClass',
  group: 'resource.k8s.io',
  versions: ['v1', 'v1beta2', 'v1beta1'],
  plural: 'deviceclasses',
  namespaced: false,
} as const satisfies Kind;

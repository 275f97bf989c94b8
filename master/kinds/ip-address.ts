// IPAddress of the networking.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const ipAddress = {
  kind: 'IPAddress',
  group: 'networking.k8s.io',
  versions: ['v1', 'v1beta1'],
  plural: 'ipaddresses',
  namespaced: false,
  aliases: ['ip'],
} as const satisfies Kind;

// Certificate of the cert-manager.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const certificate = {
  kind: 'Certificate',
  group: 'cert-manager.io',
  versions: ['v1'],
  plural: 'certificates',
  namespaced: true,
  aliases: ['cert', 'certs'],
} as const satisfies Kind;

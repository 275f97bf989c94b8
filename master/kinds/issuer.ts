// Issuer of the cert-manager.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const issuer = {
  kind: 'Issuer',
  group: 'cert-manager.io',
  versions: ['v1'],
  plural: 'issuers',
  namespaced: true,
} as const satisfies Kind;

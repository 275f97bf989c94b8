// CertificateSigningRequest of the certificates.k8s.io group: how it is found, read and reduced.

import type { KubernetesObject } from '../../src/model.ts';
import type { Kind } from './kind.ts';
import { cutToSize } from './reduce.ts';

export const certificateSigningRequest = {
  kind: 'CertificateSigningRequest',
  group: 'certificates.k8s.io',
  versions: ['v1'],
  plural: 'certificatesigningrequests',
  namespaced: false,
  aliases: ['csr'],
  reduce: reduceRequest,
} as const satisfies Kind;

/** The request and the certificate are kept as their sizes. */
function reduceRequest(object: KubernetesObject): KubernetesObject {
  cutToSize(object.spec, 'request');
  cutToSize(object.status, 'certificate');
  cutToSize(object.status, 'ca');
  return object;
}

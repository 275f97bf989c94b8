// What a Certificate of cert-manager issues, and who signs it.
import { isName, isRecord } from '../../src/fields.ts';
import { typeOf } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Rule } from './relation.ts';

const group = 'cert-manager.io';
const certificate = `Certificate.${group}`;

interface Certificate extends KubernetesObject {
  readonly spec?: { readonly secretName?: unknown; readonly issuerRef?: unknown } | null;
}

export const certificateIssues = {
  name: 'certificate-issues',
  relation: 'issues',
  reads: [certificate],
  source: [certificate],
  target: ['Secret'],
  fields: ['spec.secretName'],
  dependence: 'target',
  sentence: 'A Certificate issues the Secret named in spec.secretName.',
  infer(object: Certificate, refer) {
    const name = object.spec?.secretName;
    if (!isName(name)) return;
    const target = { by: 'name', type: 'Secret', namespace: object.metadata.namespace, name } as const;
    refer({ target, field: 'spec.secretName' });
  },
} as const satisfies Rule;

export const certificateIssuer = {
  name: 'certificate-issuer',
  relation: 'uses',
  reads: [certificate],
  source: [certificate],
  target: [`Issuer.${group}`, `ClusterIssuer.${group}`, '*'],
  fields: ['spec.issuerRef'],
  dependence: 'source',
  sentence:
    'A Certificate uses the Issuer in its namespace, the ClusterIssuer or the issuer of another group named in spec.issuerRef.',
  infer(object: Certificate, refer) {
    const ref = object.spec?.issuerRef;
    if (!isRecord(ref) || !isName(ref['name'])) return;
    const kind = isName(ref['kind']) ? ref['kind'] : 'Issuer';
    const type = typeOf(isName(ref['group']) ? ref['group'] : group, kind);
    // Issuers of other groups follow cert-manager's name for the cluster-scoped one.
    const namespace = kind.includes('ClusterIssuer') ? undefined : object.metadata.namespace;
    refer({ target: { by: 'name', type, namespace, name: ref['name'] }, field: 'spec.issuerRef' });
  },
} as const satisfies Rule;

import { certificateIssuer, certificateIssues } from '../../../master/relations/certificates.ts';
import { named, object, ruleCases } from '../../support/rule-cases.ts';

const certificate = (spec: object) => object('cert-manager.io/v1', 'Certificate', { spec });

ruleCases(certificateIssues, [
  {
    says: 'a Certificate issues its Secret',
    object: certificate({ secretName: 'web-tls' }),
    refers: [{ target: named('Secret', 'web-tls', 'shop'), field: 'spec.secretName' }],
  },
  { says: 'a Certificate without a Secret issues none', object: certificate({}), refers: [] },
]);

ruleCases(certificateIssuer, [
  {
    says: 'an issuer is an Issuer of the namespace unless it says otherwise',
    object: certificate({ issuerRef: { name: 'ca' } }),
    refers: [{ target: named('Issuer.cert-manager.io', 'ca', 'shop'), field: 'spec.issuerRef' }],
  },
  {
    says: 'a ClusterIssuer lies in no namespace',
    object: certificate({ issuerRef: { name: 'acme', kind: 'ClusterIssuer', group: 'cert-manager.io' } }),
    refers: [{ target: named('ClusterIssuer.cert-manager.io', 'acme'), field: 'spec.issuerRef' }],
  },
  {
    says: 'an issuer of another group is another kind',
    object: certificate({ issuerRef: { name: 'pca', kind: 'AWSPCAClusterIssuer', group: 'awspca.cert-manager.io' } }),
    refers: [{ target: named('AWSPCAClusterIssuer.awspca.cert-manager.io', 'pca'), field: 'spec.issuerRef' }],
  },
  { says: 'a Certificate without an issuer uses none', object: certificate({}), refers: [] },
]);

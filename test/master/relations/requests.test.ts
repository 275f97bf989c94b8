import { leaseHeldBy, signingRequestedBy } from '../../../master/relations/requests.ts';
import { clusterObject, named, object, ruleCases } from '../../support/rule-cases.ts';

const request = (username: unknown) =>
  clusterObject('certificates.k8s.io/v1', 'CertificateSigningRequest', { spec: { username } });
const field = 'spec.username';

ruleCases(signingRequestedBy, [
  {
    says: 'a kubelet asks in its Node’s name',
    object: request('system:node:node-1'),
    refers: [{ target: named('Node', 'node-1'), field }],
  },
  {
    says: 'an account asks as the user it authenticates as',
    object: request('system:serviceaccount:ops:signer'),
    refers: [{ target: named('ServiceAccount', 'signer', 'ops'), field }],
  },
  { says: 'all others are users', object: request('jane'), refers: [{ target: named('User', 'jane'), field }] },
  { says: 'a request that nobody has sent yet is nobody’s', object: request(undefined), refers: [] },
]);

const lease = (holderIdentity: unknown, namespace = 'shop') =>
  object('coordination.k8s.io/v1', 'Lease', { spec: { holderIdentity } }, { namespace });
const held = 'spec.holderIdentity';

ruleCases(leaseHeldBy, [
  {
    says: 'a kubelet holds its Node’s lease',
    object: lease('node-1', 'kube-node-lease'),
    refers: [{ target: named('Node', 'node-1'), field: held }],
  },
  {
    says: 'an elector is mostly called after its Pod, or after its Node',
    object: lease('web-0_5f1c'),
    refers: [
      {
        target: {
          by: 'first',
          of: [
            { by: 'name', type: 'Pod', namespace: 'shop', name: 'web-0_5f1c' },
            { by: 'name', type: 'Pod', namespace: 'shop', name: 'web-0' },
            { by: 'name', type: 'Node', name: 'web-0' },
          ],
        },
        field: held,
        guess: true,
      },
    ],
  },
  { says: 'a lease that was given up is held by nobody', object: lease(''), refers: [] },
]);

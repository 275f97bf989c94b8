// Authors of CertificateSigningRequests, and holders of Leases.
import { isName } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { End, Rule } from './relation.ts';

const account = /^system:serviceaccount:([^:]+):([^:]+)$/;
const node = /^system:node:(.+)$/;

function requester(user: string): End {
  const [, namespace, name] = account.exec(user) ?? [];
  if (namespace && name) return { by: 'name', type: 'ServiceAccount', namespace, name };
  const machine = node.exec(user)?.[1];
  return machine ? { by: 'name', type: 'Node', name: machine } : { by: 'name', type: 'User', name: user };
}

export const signingRequestedBy = {
  name: 'signing-requested-by',
  relation: 'requestedBy',
  reads: ['CertificateSigningRequest'],
  source: ['CertificateSigningRequest'],
  target: ['ServiceAccount', 'Node', 'User'],
  fields: ['spec.username'],
  dependence: 'none',
  sentence:
    'A CertificateSigningRequest is requested by the ServiceAccount, Node (for a kubelet) or User named in spec.username.',
  infer(object, refer) {
    const { spec } = object as { spec?: { username?: unknown } | null };
    if (isName(spec?.username)) refer({ target: requester(spec.username), field: 'spec.username' });
  },
} as const satisfies Rule;

const nodeLeases = 'kube-node-lease';

/** Kubelets use their Node's name; leader election mostly the Pod's name, an underscore and a random word. */
function holderEnd(object: KubernetesObject, holder: string): End {
  const { namespace } = object.metadata;
  if (namespace === nodeLeases) return { by: 'name', type: 'Node', name: holder };
  const pod = holder.replace(/_[^_]*$/, '');
  const inPlace = { by: 'name', type: 'Pod', namespace } as const;
  return {
    by: 'first',
    of: [
      { ...inPlace, name: holder },
      { ...inPlace, name: pod },
      { by: 'name', type: 'Node', name: pod },
    ],
  };
}

export const leaseHeldBy = {
  name: 'lease-held-by',
  relation: 'heldBy',
  reads: ['Lease'],
  source: ['Lease'],
  target: ['Node', 'Pod'],
  fields: ['spec.holderIdentity'],
  dependence: 'none',
  sentence: 'A Lease is held by the Node or Pod whose name its holderIdentity is or begins with.',
  infer(object, refer) {
    const { spec } = object as { spec?: { holderIdentity?: unknown } | null };
    const holder = spec?.holderIdentity;
    if (!isName(holder)) return;
    const guess = object.metadata.namespace === nodeLeases ? undefined : true;
    refer({ target: holderEnd(object, holder), field: 'spec.holderIdentity', guess });
  },
} as const satisfies Rule;

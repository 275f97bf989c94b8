// What a NetworkPolicy restricts, and which traffic it allows.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject, LabelSelector } from '../../src/model.ts';
import type { Reference, Rule } from './relation.ts';
import { podsAndTemplates, selectNamespaces, selectPods } from './selecting.ts';

interface Peer {
  readonly podSelector?: LabelSelector | null;
  readonly namespaceSelector?: LabelSelector | null;
  readonly ipBlock?: { readonly cidr?: unknown; readonly except?: readonly unknown[] } | null;
}

interface PeerRule {
  readonly from?: readonly Peer[] | null;
  readonly to?: readonly Peer[] | null;
}

interface Policy extends KubernetesObject {
  readonly spec?: {
    readonly podSelector?: LabelSelector | null;
    readonly policyTypes?: readonly unknown[] | null;
    readonly ingress?: readonly PeerRule[] | null;
    readonly egress?: readonly PeerRule[] | null;
  } | null;
}

type Refer = (reference: Reference) => void;
type Read = (peer: Peer, path: string, home: string, refer: Refer) => void;

interface Direction {
  readonly type: 'Ingress' | 'Egress';
  readonly rules: 'ingress' | 'egress';
  readonly peers: 'from' | 'to';
}

const inward: Direction = { type: 'Ingress', rules: 'ingress', peers: 'from' };
const outward: Direction = { type: 'Egress', rules: 'egress', peers: 'to' };

export const networkPolicyRestricts = {
  name: 'network-policy-restricts',
  relation: 'restricts',
  reads: ['NetworkPolicy'],
  source: ['NetworkPolicy'],
  target: podsAndTemplates,
  fields: ['spec.podSelector'],
  dependence: 'none',
  sentence:
    'A NetworkPolicy restricts the Pods in its namespace that its podSelector matches. An empty selector matches all.',
  infer(object: Policy, refer) {
    const namespace = object.metadata.namespace;
    if (!namespace || !object.spec) return;
    const selector = object.spec.podSelector ?? {};
    if (!isRecord(selector)) return;
    selectPods({ namespaces: { in: [namespace] }, selector, field: 'spec.podSelector' }, refer);
  },
} as const satisfies Rule;

/** Rules for a direction missing in `policyTypes` are void; without `policyTypes` all rules count. */
function rulesOf(object: Policy, direction: Direction): readonly (PeerRule | null | undefined)[] {
  const types = itemsOf(object.spec?.policyTypes);
  if (types.length > 0 && !types.includes(direction.type)) return [];
  return itemsOf<PeerRule>(object.spec?.[direction.rules]);
}

function eachPeer(object: Policy, direction: Direction, read: Read, refer: Refer): void {
  const home = object.metadata.namespace;
  if (!home) return;
  const rules = rulesOf(object, direction);
  for (let i = 0; i < rules.length; i++) {
    const peers = itemsOf(rules[i]?.[direction.peers]);
    for (let j = 0; j < peers.length; j++) {
      const peer = peers[j];
      if (peer) read(peer, `spec.${direction.rules}[${i}].${direction.peers}[${j}]`, home, refer);
    }
  }
}

/** A Pod selector applies to the policy's namespace or, with a namespace selector beside it, to those namespaces. */
const toPods: Read = (peer, path, home, refer) => {
  const { podSelector: selector, namespaceSelector: labels } = peer;
  if (!isRecord(selector)) return;
  const namespaces = isRecord(labels) ? { labels } : { in: [home] };
  selectPods({ namespaces, selector, field: `${path}.podSelector` }, refer);
};

const toNamespaces: Read = (peer, path, _home, refer) => {
  const selector = peer.namespaceSelector;
  if (!isRecord(selector) || isRecord(peer.podSelector)) return;
  selectNamespaces(selector, `${path}.namespaceSelector`, refer);
};

const toBlock: Read = (peer, path, _home, refer) => {
  const name = peer.ipBlock?.cidr;
  if (!isName(name)) return;
  const target = { by: 'name', type: 'CIDR', name } as const;
  const except = itemsOf(peer.ipBlock?.except).filter((item) => isName(item));
  const field = `${path}.ipBlock`;
  refer(except.length > 0 ? { target, field, notes: { except: except.join(',') } } : { target, field });
};

const everywhere = ['0.0.0.0/0', '::/0'] as const;

/** A rule without peers allows all addresses: one relation instead of one per Pod. */
function toBlocks(object: Policy, direction: Direction, refer: Refer): void {
  eachPeer(object, direction, toBlock, refer);
  if (!object.metadata.namespace) return;
  const rules = rulesOf(object, direction);
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i];
    if (!rule || itemsOf(rule[direction.peers]).length > 0) continue;
    for (const name of everywhere) {
      refer({ target: { by: 'name', type: 'CIDR', name }, field: `spec.${direction.rules}[${i}]` });
    }
  }
}

export const networkPolicyAllowsFromPod = {
  name: 'network-policy-allows-from-pod',
  relation: 'allowsFrom',
  reads: ['NetworkPolicy'],
  source: ['NetworkPolicy'],
  target: podsAndTemplates,
  fields: ['spec.ingress[].from[].podSelector', 'spec.ingress[].from[].namespaceSelector', 'spec.policyTypes'],
  dependence: 'none',
  sentence:
    "A NetworkPolicy allows traffic from the Pods that the podSelector of a peer matches: in its own namespace, or in those that the peer's namespaceSelector matches.",
  infer: (object: Policy, refer) => eachPeer(object, inward, toPods, refer),
} as const satisfies Rule;

export const networkPolicyAllowsFromNamespace = {
  name: 'network-policy-allows-from-namespace',
  relation: 'allowsFrom',
  reads: ['NetworkPolicy'],
  source: ['NetworkPolicy'],
  target: ['Namespace'],
  fields: ['spec.ingress[].from[].namespaceSelector', 'spec.policyTypes'],
  dependence: 'none',
  sentence:
    'A NetworkPolicy allows traffic from every Pod of the Namespaces that the namespaceSelector of a peer matches, if the peer has no podSelector.',
  infer: (object: Policy, refer) => eachPeer(object, inward, toNamespaces, refer),
} as const satisfies Rule;

export const networkPolicyAllowsFromCidr = {
  name: 'network-policy-allows-from-cidr',
  relation: 'allowsFrom',
  reads: ['NetworkPolicy'],
  source: ['NetworkPolicy'],
  target: ['CIDR'],
  fields: ['spec.ingress[].from[].ipBlock', 'spec.ingress[]', 'spec.policyTypes'],
  dependence: 'none',
  sentence:
    'A NetworkPolicy allows traffic from its IP blocks. An ingress rule without peers allows it from every address.',
  infer: (object: Policy, refer) => toBlocks(object, inward, refer),
} as const satisfies Rule;

export const networkPolicyAllowsToPod = {
  name: 'network-policy-allows-to-pod',
  relation: 'allowsTo',
  reads: ['NetworkPolicy'],
  source: ['NetworkPolicy'],
  target: podsAndTemplates,
  fields: ['spec.egress[].to[].podSelector', 'spec.egress[].to[].namespaceSelector', 'spec.policyTypes'],
  dependence: 'none',
  sentence:
    "A NetworkPolicy allows traffic to the Pods that the podSelector of a peer matches: in its own namespace, or in those that the peer's namespaceSelector matches.",
  infer: (object: Policy, refer) => eachPeer(object, outward, toPods, refer),
} as const satisfies Rule;

export const networkPolicyAllowsToNamespace = {
  name: 'network-policy-allows-to-namespace',
  relation: 'allowsTo',
  reads: ['NetworkPolicy'],
  source: ['NetworkPolicy'],
  target: ['Namespace'],
  fields: ['spec.egress[].to[].namespaceSelector', 'spec.policyTypes'],
  dependence: 'none',
  sentence:
    'A NetworkPolicy allows traffic to every Pod of the Namespaces that the namespaceSelector of a peer matches, if the peer has no podSelector.',
  infer: (object: Policy, refer) => eachPeer(object, outward, toNamespaces, refer),
} as const satisfies Rule;

export const networkPolicyAllowsToCidr = {
  name: 'network-policy-allows-to-cidr',
  relation: 'allowsTo',
  reads: ['NetworkPolicy'],
  source: ['NetworkPolicy'],
  target: ['CIDR'],
  fields: ['spec.egress[].to[].ipBlock', 'spec.egress[]', 'spec.policyTypes'],
  dependence: 'none',
  sentence: 'A NetworkPolicy allows traffic to its IP blocks. An egress rule without peers allows it to every address.',
  infer: (object: Policy, refer) => toBlocks(object, outward, refer),
} as const satisfies Rule;

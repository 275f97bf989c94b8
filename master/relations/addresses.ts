// The addresses of objects, so that references to an address find them.
import { plainHost } from '../../src/cluster-names.ts';
import { isName, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { isFinished } from '../../src/pod-spec.ts';
import type { Reference, Rule } from './relation.ts';

type Refer = (reference: Reference) => void;

function state(key: unknown, field: string, refer: Refer): void {
  if (isName(key)) refer({ states: { index: 'address', key: plainHost(key) }, field });
}

export const podAddress = {
  name: 'pod-address',
  relation: 'states',
  reads: ['Pod'],
  source: ['Pod'],
  target: ['*'],
  fields: ['status.podIPs[].ip', 'status.podIP'],
  dependence: 'none',
  sentence: 'A Pod is found by its addresses until it finishes. A Pod in the host network has none of its own.',
  infer(object, refer) {
    const { spec, status } = object as { spec?: { hostNetwork?: unknown } | null; status?: PodStatus | null };
    if (spec?.hostNetwork === true || isFinished(object)) return;
    const all = itemsOf(status?.podIPs);
    if (all.length === 0) return state(status?.podIP, 'status.podIP', refer);
    for (let i = 0; i < all.length; i++) state(all[i]?.ip, `status.podIPs[${i}].ip`, refer);
  },
} as const satisfies Rule;

interface PodStatus {
  readonly podIP?: unknown;
  readonly podIPs?: readonly { readonly ip?: unknown }[];
}

export const serviceAddress = {
  name: 'service-address',
  relation: 'states',
  reads: ['Service'],
  source: ['Service'],
  target: ['*'],
  fields: ['spec.clusterIPs[]', 'spec.clusterIP'],
  dependence: 'none',
  sentence: 'A Service is found by its cluster IP addresses. A headless Service has none.',
  infer(object, refer) {
    const { spec } = object as { spec?: { clusterIP?: unknown; clusterIPs?: readonly unknown[] } | null };
    const all = itemsOf(spec?.clusterIPs);
    if (all.length === 0) return stateUnlessNone(spec?.clusterIP, 'spec.clusterIP', refer);
    for (let i = 0; i < all.length; i++) stateUnlessNone(all[i], `spec.clusterIPs[${i}]`, refer);
  },
} as const satisfies Rule;

function stateUnlessNone(key: unknown, field: string, refer: Refer): void {
  if (key !== 'None') state(key, field, refer);
}

export const nodeAddress = {
  name: 'node-address',
  relation: 'states',
  reads: ['Node'],
  source: ['Node'],
  target: ['*'],
  fields: ['status.addresses[].address'],
  dependence: 'none',
  sentence: 'A Node is found by its addresses.',
  infer(object: KubernetesObject, refer) {
    const { status } = object as { status?: { addresses?: readonly NodeAddress[] } | null };
    const all = itemsOf(status?.addresses);
    const seen = new Set<unknown>();
    for (let i = 0; i < all.length; i++) {
      const { type, address } = all[i] ?? {};
      // Host names are no addresses, and kubelets list an address under several types.
      if ((type !== 'InternalIP' && type !== 'ExternalIP') || seen.has(address)) continue;
      seen.add(address);
      state(address, `status.addresses[${i}].address`, refer);
    }
  },
} as const satisfies Rule;

interface NodeAddress {
  readonly type?: unknown;
  readonly address?: unknown;
}

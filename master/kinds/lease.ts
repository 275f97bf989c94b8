// Lease of the coordination.k8s.io group: how it is found, read and reduced.

import type { KubernetesObject } from '../../src/model.ts';
import type { Kind } from './kind.ts';
import { cut } from './reduce.ts';

export const lease = {
  kind: 'Lease',
  group: 'coordination.k8s.io',
  versions: ['v1'],
  plural: 'leases',
  namespaced: true,
  optIn: true,
  reduce: reduceLease,
} as const satisfies Kind;

/** A renewal is a heartbeat, not a change. */
function reduceLease(object: KubernetesObject): KubernetesObject {
  cut(object.spec, 'renewTime');
  return object;
}

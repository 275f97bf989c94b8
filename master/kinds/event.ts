// Event of the core group: how it is found, read and reduced.

import type { KubernetesObject } from '../../src/model.ts';
import type { Kind } from './kind.ts';
import { cut } from './reduce.ts';

export const event = {
  kind: 'Event',
  group: '',
  versions: ['v1'],
  plural: 'events',
  namespaced: true,
  aliases: ['ev'],
  optIn: true,
  reduce: reduceEvent,
} as const satisfies Kind;

/** Events are counted on their object: object, reason and count suffice. */
function reduceEvent(object: KubernetesObject): KubernetesObject {
  for (const field of ['source', 'reportingInstance', 'reportingComponent', 'action']) cut(object, field);
  return object;
}

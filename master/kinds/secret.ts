// Secret of the core group: how it is found, read and reduced.

import type { KubernetesObject } from '../../src/model.ts';
import type { Kind } from './kind.ts';
import { cut } from './reduce.ts';

export const secret = {
  kind: 'Secret',
  group: '',
  versions: ['v1'],
  plural: 'secrets',
  namespaced: true,
  read: 'metadata',
  restricted: true,
  reduce: reduceSecret,
} as const satisfies Kind;

/** Only metadata is requested; anything more from a server is dropped, whatever the settings. */
function reduceSecret(object: KubernetesObject): KubernetesObject {
  cut(object, 'data');
  cut(object, 'stringData');
  // A copy of the whole object with its data: dropped even without redaction.
  cut(object.metadata.annotations, 'kubectl.kubernetes.io/last-applied-configuration');
  return object;
}

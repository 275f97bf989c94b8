// Node of the core group: how it is found, read and reduced.

import { fieldsOf, listOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Kind } from './kind.ts';
import { cut } from './reduce.ts';

export const node = {
  kind: 'Node',
  group: '',
  versions: ['v1'],
  plural: 'nodes',
  namespaced: false,
  aliases: ['no'],
  reduce: reduceNode,
} as const satisfies Kind;

/** A heartbeat is no change. The image list (hundreds of kilobytes on a busy node) becomes its length. */
function reduceNode(object: KubernetesObject): KubernetesObject {
  const status = fieldsOf(object.status);
  for (const condition of listOf(status?.conditions)) cut(condition, 'lastHeartbeatTime');
  if (status && Array.isArray(status.images)) status.images = status.images.length;
  return object;
}

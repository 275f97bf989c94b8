// ConfigMap of the core group: how it is found, read and reduced.

import type { KubernetesObject } from '../../src/model.ts';
import type { Kind } from './kind.ts';
import { sizesOf } from './reduce.ts';

export const configMap = {
  kind: 'ConfigMap',
  group: '',
  versions: ['v1'],
  plural: 'configmaps',
  namespaced: true,
  aliases: ['cm'],
  reduce: reduceConfigMap,
} as const satisfies Kind;

/** Keys and sizes are kept, never values: `data: { key: { bytes: 12 } }`. binaryData counts its decoded bytes. */
function reduceConfigMap(object: KubernetesObject): KubernetesObject {
  const reduced: { [field: string]: unknown } & KubernetesObject = object;
  if (object.data) reduced.data = sizesOf(object.data, 'utf8');
  if (object.binaryData) reduced.binaryData = sizesOf(object.binaryData, 'base64');
  return reduced;
}

// ControllerRevision of the apps group: how it is found, read and reduced.

import type { KubernetesObject } from '../../src/model.ts';
import type { Kind } from './kind.ts';
import { cut } from './reduce.ts';

export const controllerRevision = {
  kind: 'ControllerRevision',
  group: 'apps',
  versions: ['v1'],
  plural: 'controllerrevisions',
  namespaced: true,
  reduce: reduceControllerRevision,
} as const satisfies Kind;

/** `data` copies the Pod template, which its controller has. */
function reduceControllerRevision(object: KubernetesObject): KubernetesObject {
  cut(object, 'data');
  return object;
}

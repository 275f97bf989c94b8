// CustomResourceDefinition of the apiextensions.k8s.io group: how it is found, read and reduced.

import { fieldsOf, listOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Kind } from './kind.ts';
import { cut, cutBundle } from './reduce.ts';

export const customResourceDefinition = {
  kind: 'CustomResourceDefinition',
  group: 'apiextensions.k8s.io',
  versions: ['v1'],
  plural: 'customresourcedefinitions',
  namespaced: false,
  aliases: ['crd', 'crds'],
  reduce: reduceCustomResourceDefinition,
} as const satisfies Kind;

/** Schemas are most of a definition's bytes (megabytes per cluster), and no rule reads them. */
function reduceCustomResourceDefinition(object: KubernetesObject): KubernetesObject {
  const spec = fieldsOf(object.spec);
  for (const version of listOf(spec?.versions)) cut(version, 'schema');
  cut(spec, 'validation');
  cutBundle(fieldsOf(fieldsOf(spec?.conversion)?.webhook)?.clientConfig);
  return object;
}

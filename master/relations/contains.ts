// Containment: the Cluster contains cluster-scoped resources, a Namespace those in it.
import { typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Rule } from './relation.ts';

/** Our own types with a closer container: a Container is in its Pod, a Process in its Container. */
const parts = new Set(['Container', 'Process', 'Image']);

function isPart(object: KubernetesObject): boolean {
  const kind = object.kind ?? '';
  return parts.has(kind) && typeOfReference(object.apiVersion, kind) === kind;
}

export const clusterContains = {
  name: 'cluster-contains',
  relation: 'contains',
  reads: ['*'],
  source: ['Cluster'],
  target: ['*'],
  fields: ['metadata.name'],
  dependence: 'target',
  sentence: 'The Cluster contains its Nodes, Namespaces and all other cluster-scoped objects.',
  infer(object, refer) {
    if (object.metadata.namespace || isPart(object)) return;
    refer({ source: { by: 'cluster' }, field: 'metadata.name' });
  },
} as const satisfies Rule;

export const namespaceContains = {
  name: 'namespace-contains',
  relation: 'contains',
  reads: ['*'],
  source: ['Namespace'],
  target: ['*'],
  fields: ['metadata.namespace'],
  dependence: 'target',
  sentence: 'A Namespace contains every object whose metadata.namespace names it.',
  infer(object, refer) {
    const name = object.metadata.namespace;
    if (!name || isPart(object)) return;
    refer({ source: { by: 'name', type: 'Namespace', name }, field: 'metadata.namespace' });
  },
} as const satisfies Rule;

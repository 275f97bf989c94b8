// The definition of a custom resource, and the APIService that serves it.
import { isName, itemsOf } from '../../src/fields.ts';
import { groupOf, typeOf, typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Rule } from './relation.ts';

interface Definition extends KubernetesObject {
  readonly spec?: {
    readonly group?: unknown;
    readonly names?: { readonly kind?: unknown } | null;
    readonly versions?: readonly { readonly name?: unknown; readonly served?: unknown }[];
    readonly version?: unknown;
  } | null;
}

const index = 'definition';

export const definitionOfKind = {
  name: 'definition-of-kind',
  relation: 'states',
  reads: ['CustomResourceDefinition'],
  source: ['CustomResourceDefinition'],
  target: ['*'],
  fields: ['spec.names.kind', 'spec.group'],
  dependence: 'none',
  sentence: 'A CustomResourceDefinition is found by the kind and group it defines.',
  infer(object: Definition, refer) {
    const { group, names } = object.spec ?? {};
    if (!isName(group) || !isName(names?.kind)) return;
    refer({ states: { index, key: typeOf(group, names.kind) }, field: 'spec.names.kind' });
  },
} as const satisfies Rule;

export const definitionDefines = {
  name: 'definition-defines',
  relation: 'defines',
  reads: ['*'],
  source: ['CustomResourceDefinition'],
  target: ['*'],
  fields: ['apiVersion'],
  dependence: 'target',
  sentence: 'A CustomResourceDefinition defines every object of its kind. Deleting it deletes them.',
  infer(object, refer) {
    const group = groupOf(object.apiVersion ?? '');
    // Built-in groups have no dots except in `k8s.io`, where definitions may be too.
    if (!group.includes('.') || !isName(object.kind)) return;
    const type = typeOfReference(object.apiVersion, object.kind);
    if (type === object.kind) return;
    refer({ source: { by: 'key', index, key: type }, field: 'apiVersion' });
  },
} as const satisfies Rule;

export const apiServiceServesDefinition = {
  name: 'api-service-serves-definition',
  relation: 'offers',
  reads: ['CustomResourceDefinition'],
  source: ['APIService'],
  target: ['CustomResourceDefinition'],
  fields: ['spec.versions[].name', 'spec.version'],
  dependence: 'target',
  sentence: 'An APIService that the API server created offers the CustomResourceDefinitions of its group and version.',
  infer(object: Definition, refer) {
    const { group, versions, version } = object.spec ?? {};
    if (!isName(group)) return;
    const from = (name: unknown, field: string) => {
      if (!isName(name)) return;
      const of = [{ by: 'name', type: 'APIService', name: `${name}.${group}` }] as const;
      refer({ source: { by: 'first', of }, field });
    };
    const all = itemsOf(versions);
    if (all.length === 0) return from(version, 'spec.version');
    for (let i = 0; i < all.length; i++) {
      if (all[i]?.served !== false) from(all[i]?.name, `spec.versions[${i}].name`);
    }
  },
} as const satisfies Rule;

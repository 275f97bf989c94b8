// A Pod's containers, from all three lists of its spec, with or without status.
import { isName, itemsOf } from '../../src/fields.ts';
import { containerLists, type PodSpec } from '../../src/pod-spec.ts';
import type { Rule } from './relation.ts';

export const podContainsContainer = {
  name: 'pod-contains-container',
  relation: 'contains',
  reads: ['Pod'],
  source: ['Pod'],
  target: ['Container'],
  fields: ['spec.containers[]', 'spec.initContainers[]', 'spec.ephemeralContainers[]'],
  dependence: 'target',
  sentence: 'A Pod contains its Containers: init, sidecar and ephemeral ones too.',
  infer(object, refer) {
    const spec = object['spec'] as PodSpec | null | undefined;
    if (!spec) return;
    const { name: pod, namespace } = object.metadata;
    for (const list of containerLists) {
      const containers = itemsOf(spec[list]);
      for (let i = 0; i < containers.length; i++) {
        const name = containers[i]?.name;
        if (!isName(name)) continue;
        const target = { by: 'name', type: 'Container', namespace, name: `${pod}/${name}` } as const;
        refer({ target, field: `spec.${list}[${i}]` });
      }
    }
  },
} as const satisfies Rule;

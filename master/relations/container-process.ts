// The processes the runtime lists in a container.
import { isName } from '../../src/fields.ts';
import type { Rule } from './relation.ts';

export const containerContainsProcess = {
  name: 'container-contains-process',
  relation: 'contains',
  reads: ['Process'],
  source: ['Container'],
  target: ['Process'],
  fields: ['metadata.container'],
  dependence: 'target',
  sentence: 'A Container contains the processes that its runtime lists in it.',
  infer(object, refer) {
    const path = object.metadata['container'];
    if (!isName(path)) return;
    const slash = path.indexOf('/');
    const source = {
      by: 'name',
      type: 'Container',
      namespace: path.slice(0, slash),
      name: path.slice(slash + 1),
    } as const;
    refer({ source, field: 'metadata.container' });
  },
} as const satisfies Rule;

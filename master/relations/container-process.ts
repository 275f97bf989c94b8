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
    const name = object.metadata['container'];
    if (isName(name)) refer({ source: { by: 'name', type: 'Container', name }, field: 'metadata.container' });
  },
} as const satisfies Rule;

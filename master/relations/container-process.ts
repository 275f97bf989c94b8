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
  sentence: 'A Container contains the Processes that its runtime lists.',
  infer(object, refer) {
    const path = object.metadata['container'];
    if (!isName(path)) return;
    // In a Pod `namespace/pod/container`; otherwise `node/name`, without a namespace.
    const [first = '', second, third] = path.split('/');
    const inPod = third !== undefined;
    const name = inPod ? `${second}/${third}` : path;
    const namespace = inPod ? first : undefined;
    const source = { by: 'name', type: 'Container', namespace, name } as const;
    refer({ source, field: 'metadata.container' });
  },
} as const satisfies Rule;

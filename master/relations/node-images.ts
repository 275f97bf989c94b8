// Images on a node's disk, from its runtime.
import { isRecord } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { imageKey } from './image-key.ts';
import type { Rule } from './relation.ts';

interface Node extends KubernetesObject {
  readonly runtime?: { readonly images?: unknown } | null;
}

export const nodeStoresImage = {
  name: 'node-stores-image',
  relation: 'stores',
  reads: ['Node'],
  source: ['Node'],
  target: ['Image'],
  fields: ['runtime.images'],
  dependence: 'none',
  sentence:
    'A Node stores the Images that its runtime lists. An Image that no container on the Node uses is `unused`. One that the runtime never removes is `pinned`.',
  infer(object: Node, refer) {
    const images = object.runtime?.images;
    if (!isRecord(images)) return;
    for (const [id, image] of Object.entries(images)) {
      if (id === '' || !isRecord(image)) continue;
      const { unused, pinned } = image;
      const notes = { ...(unused === true ? { unused } : {}), ...(pinned === true ? { pinned } : {}) };
      refer({
        target: { by: 'key', index: 'image', key: imageKey(id) },
        field: `runtime.images.${id}`,
        ...(Object.keys(notes).length > 0 ? { notes } : {}),
      });
    }
  },
} as const satisfies Rule;

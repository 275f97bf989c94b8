import { nodeStoresImage } from '../../../master/relations/node-images.ts';
import type { Reference } from '../../../master/relations/relation.ts';
import { clusterObject, ruleCases } from '../../support/rule-cases.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const stores = (id: string, notes?: Reference['notes'], key = id): Reference => ({
  target: { by: 'key', index: 'image', key },
  field: `runtime.images.${id}`,
  ...(notes ? { notes } : {}),
});
const node = (runtime: unknown) => clusterObject('v1', 'Node', { runtime }, { name: 'node-1' });

ruleCases(nodeStoresImage, [
  {
    says: 'a Node stores each image that its runtime lists, and says which of them nothing uses',
    object: node({ images: { [digest('a')]: {}, [digest('b')]: { unused: true } } }),
    refers: [stores(digest('a')), stores(digest('b'), { unused: true })],
  },
  {
    says: 'one that the runtime keeps is told',
    object: node({ images: { [digest('a')]: { unused: true, pinned: true } } }),
    refers: [stores(digest('a'), { unused: true, pinned: true })],
  },
  {
    says: 'an id without its algorithm is the same image',
    object: node({ images: { ['c'.repeat(64)]: {} } }),
    refers: [stores('c'.repeat(64), undefined, digest('c'))],
  },
  { says: 'a Node whose runtime nobody asks stores nothing that is known', object: node(undefined), refers: [] },
  { says: 'what is no table of images says nothing', object: node({ images: [{ id: digest('a') }, 'x'] }), refers: [] },
]);

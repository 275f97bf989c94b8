// Writes a tree with its objects in the collector's format: `{children, uid, kind, name, object}`, with `children` null for
// a leaf and an empty name for the root.
import type { Item } from '../pages.ts';
import type { TreeEntry } from './entry.ts';
import { type Forest, forestOf } from './place.ts';

export interface TreeOptions {
  readonly entries: readonly TreeEntry[];
  /** Bytes of the object's text. */
  readonly lengthOf: (number: number) => number;
  readonly read: (number: number) => Promise<Buffer>;
  /** Larger trees, in bytes, are not even read. */
  readonly most: number;
  readonly onOversize: (item: { readonly id: string; readonly bytes: number }) => void;
}

/** Sent even without children. */
const alone: ReadonlySet<string> = new Set(['Ingress', 'Provisioner']);

export async function* treesOf(options: TreeOptions): AsyncGenerator<Item> {
  const { entries, most, onOversize } = options;
  const forest = forestOf(entries);
  for (const root of forest.roots) {
    const children = forest.children.get(root.uid);
    if (children === undefined && !alone.has(root.kind)) continue;
    const id = `tree of ${root.kind} ${root.namespace}/${root.name}`;
    const bytes = sizeOf(root, forest, options);
    if (bytes > most) onOversize({ id, bytes });
    else yield { id, bytes: Buffer.concat(await partsOf(root, '', forest, options)) };
  }
}

/** Approximate size: exact except for escapes in names. */
function sizeOf({ number, uid }: TreeEntry, forest: Forest, options: TreeOptions): number {
  const frame = 256;
  const below = forest.children.get(uid) ?? [];
  return below.reduce((sum, child) => sum + sizeOf(child, forest, options), options.lengthOf(number) + frame);
}

async function partsOf(entry: TreeEntry, name: string, forest: Forest, options: TreeOptions): Promise<Buffer[]> {
  const children = forest.children.get(entry.uid);
  const below: Buffer[] = [];
  for (const [n, child] of (children ?? []).entries()) {
    if (n > 0) below.push(Buffer.from(','));
    below.push(...(await partsOf(child, child.name, forest, options)));
  }
  const list = children === undefined ? [Buffer.from('null')] : [Buffer.from('['), ...below, Buffer.from(']')];
  const words = `,"uid":${JSON.stringify(entry.uid)},"kind":${JSON.stringify(entry.kind)},"name":${JSON.stringify(name)},"object":`;
  const object = await options.read(entry.number);
  return [Buffer.from('{"children":'), ...list, Buffer.from(words), object, Buffer.from('}')];
}

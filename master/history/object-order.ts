// Sorts objects of a segment as `/cluster` does: by type, then by id. The blocks of the keyframe have this order already, so that
// the first objects are known without sorting all of them.
import { textOrder } from '../../src/text-order.ts';
import type { NumberGroups } from './number-groups.ts';
import type { Choice } from './object-choice.ts';
import type { SegmentReader } from './segment-reader.ts';

/** An object and its sort keys. */
interface Placed {
  readonly o: number;
  readonly prefix: string;
  readonly id: string;
}

/**
 * The chosen objects, whether they existed at a given moment or not.
 * @param from starts at this object, chosen or not.
 */
export function inOrder(reader: SegmentReader, choice: Choice, from?: number): Iterable<number> {
  return choice.few ? fewInOrder(reader, choice.few, from) : manyInOrder(reader, choice, from);
}

function* fewInOrder(reader: SegmentReader, some: readonly number[], from: number | undefined): Generator<number> {
  const isDue = dueFrom(reader, from);
  for (const each of placed(reader, some)) if (isDue(each)) yield each.o;
}

/** Block by block: the first ones are known without sorting all. */
function* manyInOrder(reader: SegmentReader, { has }: Choice, from: number | undefined): Generator<number> {
  const blocks = reader.groupedBy('block');
  const isDue = dueFrom(reader, from);
  const wanted = (block: number) => placed(reader, blocks.of(block).filter(has)).filter(isDue);
  const later = wanted(0);
  let next = 0;
  for (let block = from === undefined ? 1 : blockBefore(reader, blocks, from); block < blocks.keys; block++) {
    for (const each of wanted(block)) {
      for (let other = later[next]; other && byPlace(other, each) < 0; other = later[++next]) yield other.o;
      yield each.o;
    }
  }
  for (let other = later[next]; other; other = later[++next]) yield other.o;
}

function dueFrom(reader: SegmentReader, from: number | undefined): (each: Placed) => boolean {
  const [first] = from === undefined ? [] : placed(reader, [from]);
  return (each) => !first || byPlace(each, first) >= 0;
}

/** The last block of the keyframe that begins at or before an object. */
function blockBefore(reader: SegmentReader, blocks: NumberGroups, from: number): number {
  const [first] = placed(reader, [from]);
  let low = 1;
  let high = blocks.keys - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const [begin] = placed(reader, blocks.of(middle));
    if (begin && first && byPlace(begin, first) <= 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** All or some objects, grouped by block so that none is unpacked twice; first objects in no block. */
export function inBlocks(reader: SegmentReader, some?: Iterable<number>): readonly number[] {
  if (some) return [...some].sort((a, b) => reader.blockOf(a) - reader.blockOf(b));
  return Array.from(reader.groupedBy('block').numbers);
}

/** Sorted as in `/cluster`. */
export function sortedByPlace(reader: SegmentReader, objects: Iterable<number>): number[] {
  return placed(reader, objects).map(({ o }) => o);
}

function placed(reader: SegmentReader, objects: Iterable<number>): Placed[] {
  const found = Array.from(objects, (o): Placed => {
    const { id, type } = reader.place(o);
    return { o, id, prefix: `${type}:` };
  });
  return found.sort(byPlace);
}

function byPlace(a: Placed, b: Placed): number {
  return textOrder(a.prefix, b.prefix) || textOrder(a.id, b.id);
}

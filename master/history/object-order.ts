// Sorts objects of a segment as `/cluster` does: by type, then by id. The blocks of the keyframe have this order already, so that
// the first objects are known without sorting all of them.
import { textOrder } from '../../src/text-order.ts';
import type { SegmentReader } from './segment-reader.ts';

/** An object and its sort keys. */
interface Placed {
  readonly o: number;
  readonly prefix: string;
  readonly id: string;
}

/**
 * The wanted objects, whether they existed at a given moment or not.
 * @param from starts at this object, wanted or not.
 */
export function* inOrder(reader: SegmentReader, isWanted: (o: number) => boolean, from?: number): Generator<number> {
  const { starts, numbers } = byBlock(reader);
  const [first] = from === undefined ? [] : placed(reader, [from]);
  const isDue = (each: Placed) => !first || byPlace(each, first) >= 0;
  const wanted = (begin: number, end: number) =>
    placed(reader, numbers.subarray(begin, end).filter(isWanted)).filter(isDue);
  const later = wanted(0, starts[1] ?? 0);
  let next = 0;
  for (let block = first ? blockBefore(reader, { starts, numbers }, first) : 1; block + 1 < starts.length; block++) {
    for (const each of wanted(starts[block] ?? 0, starts[block + 1] ?? 0)) {
      for (let other = later[next]; other && byPlace(other, each) < 0; other = later[++next]) yield other.o;
      yield each.o;
    }
  }
  for (let other = later[next]; other; other = later[++next]) yield other.o;
}

/** The last block of the keyframe that begins at or before an object. */
function blockBefore(reader: SegmentReader, { starts, numbers }: Blocks, first: Placed): number {
  let low = 1;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const [begin] = placed(reader, numbers.subarray(starts[middle] ?? 0, starts[middle + 1] ?? 0));
    if (begin && byPlace(begin, first) <= 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

interface Blocks {
  readonly starts: Uint32Array;
  readonly numbers: Uint32Array;
}

/** Object numbers grouped by keyframe block plus one; group 0 has objects in no block. */
function byBlock(reader: SegmentReader): Blocks {
  const { size, blocks } = reader;
  const starts = new Uint32Array(blocks + 2);
  for (let o = 0; o < size; o++) {
    const after = reader.blockOf(o) + 1;
    starts[after] = (starts[after] ?? 0) + 1;
  }
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  const numbers = new Uint32Array(size);
  const next = starts.slice();
  for (let o = 0; o < size; o++) {
    const block = reader.blockOf(o);
    const at = next[block] ?? 0;
    numbers[at] = o;
    next[block] = at + 1;
  }
  return { starts, numbers };
}

/** All or some objects, grouped by block so that none is unpacked twice; first objects in no block. */
export function inBlocks(reader: SegmentReader, some?: Iterable<number>): readonly number[] {
  if (some) return [...some].sort((a, b) => reader.blockOf(a) - reader.blockOf(b));
  return Array.from(byBlock(reader).numbers);
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

// Objects of a segment in the order in which `/cluster` has them: types by what ids begin with, then ids. Blocks of the
// keyframe are in that order already, so that the first of a whole cluster is known without the last.
import { textOrder } from '../../src/text-order.ts';
import type { SegmentReader } from './segment-reader.ts';

/** An object, and what it is sorted by. */
interface Placed {
  readonly o: number;
  readonly prefix: string;
  readonly id: string;
}

/**
 * Those that are wanted, whether they were there at any moment or not.
 * @param from the first, which may be one that is not wanted.
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

/** The last block of the keyframe that begins no later than there. */
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

/** Numbers by the block of the keyframe and one more; first those that are in none. */
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

/** All, or some, so that no block is read twice: those that are in none first. In no other order. */
export function inBlocks(reader: SegmentReader, some?: Iterable<number>): readonly number[] {
  if (some) return [...some].sort((a, b) => reader.blockOf(a) - reader.blockOf(b));
  return Array.from(byBlock(reader).numbers);
}

/** As `/cluster` has them. */
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

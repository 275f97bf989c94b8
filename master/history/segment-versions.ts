// The texts of a segment's objects at each revision: whole, as deltas from another text, or in a block with others.
import { LRUCache } from 'lru-cache';
import { getOrMake } from '../../src/get-or-make.ts';
import { Block } from './block.ts';
import { damaged, expand } from './codec.ts';
import type { Changed } from './segment-changed.ts';
import type { SegmentObjects } from './segment-objects.ts';
import { checkRow, num, type Row, type SegmentRows } from './segment-rows.ts';
import { baseRevision, blockNumber, delta, headOf, later, shared } from './version-head.ts';

/** An object at one revision. */
export interface ObjectState {
  readonly o: number;
  /** As served by `/cluster`. */
  readonly text: string;
  readonly extra: string;
}

/** A relation at one revision: type, target and tail are numbers of words and objects. */
export type Out = readonly [k: number, t: number, tail: number, at: number];

const lineFeed = 10;
/** Maximum bytes of unpacked blocks kept in memory. A block has about sixty kilobytes. */
const unpackedBytes = 8 << 20;

export class SegmentVersions {
  readonly #rows: SegmentRows;
  readonly #objects: Pick<SegmentObjects, 'blockOf'>;
  readonly #unpacked = new LRUCache<number, Block>({ maxSize: unpackedBytes, sizeCalculation: ({ bytes }) => bytes });
  /** The last block used: it may be larger than the cache. */
  #block: { readonly b: number; readonly block: Block } | undefined;

  constructor(rows: SegmentRows, objects: Pick<SegmentObjects, 'blockOf'>) {
    this.#rows = rows;
    this.#objects = objects;
  }

  /**
   * The text as `/cluster` served it, a line break, and what is known beside it; undefined where it was not there. Not to be
   * changed.
   * @param changed the result of `changed()`, if known.
   */
  bytesAt(o: number, revision: number, changed?: Changed): Buffer | undefined {
    if (changed?.objects.has(o) === false) return this.#keyedBytes(o);
    const [row] = this.#rows.each('SELECT * FROM version WHERE o = ? AND r <= ? ORDER BY r DESC LIMIT 1', o, revision);
    return row ? this.#bytesOfRow(row) : this.#keyedBytes(o);
  }

  /** Whether it existed at a revision. Its text is not unpacked. */
  wasThere(o: number, revision: number, changed?: Changed): boolean {
    const isKeyed = this.#objects.blockOf(o) > 0;
    if (changed?.objects.has(o) === false) return isKeyed;
    const [row] = this.#rows.each('SELECT * FROM version WHERE o = ? AND r <= ? ORDER BY r DESC LIMIT 1', o, revision);
    if (!row) return isKeyed;
    checkRow('version', row);
    return row['data'] !== null;
  }

  /** All versions of an object after `after` up to `to`; an undefined state is its removal. */
  *versionsOf(
    o: number,
    after: number,
    to: number,
  ): Generator<{ readonly revision: number; readonly state: ObjectState | undefined }> {
    for (const row of this.#rows.each(
      'SELECT * FROM version WHERE o = ? AND r > ? AND r <= ? ORDER BY r',
      o,
      after,
      to,
    ))
      yield { revision: num(row['r']), state: this.#stateOfRow(row) };
  }

  /** States of some objects in the given order: fast if sorted by id. Nonexistent ones are left out. */
  *states(objects: readonly number[], revision: number, changed: Changed | undefined): Generator<ObjectState> {
    for (const o of objects) {
      const bytes = this.bytesAt(o, revision, changed);
      if (bytes) yield stateIn(o, bytes);
    }
  }

  #stateOfRow(row: Row): ObjectState | undefined {
    const bytes = this.#bytesOfRow(row);
    return bytes && stateIn(num(row['o']), bytes);
  }

  #bytesOfRow(row: Row): Buffer | undefined {
    checkRow('version', row);
    const data = row['data'] as Uint8Array | null;
    return data === null ? undefined : this.#bytesIn(num(row['o']), data);
  }

  #bytesIn(o: number, data: Uint8Array): Buffer {
    const text = data.subarray(headOf(data));
    switch (data[0]) {
      case shared:
        return this.#sharedBytes(o, data);
      case delta:
        return expand(text, this.#baseOf(o));
      case later:
        return expand(text, this.#versionOf(o, baseRevision(data)));
      default:
        return expand(text);
    }
  }

  #sharedBytes(o: number, data: Uint8Array): Buffer {
    const bytes = this.#blockAt(blockNumber(data)).bytesOf(o);
    if (!bytes) throw damaged('a text is not in its block');
    return bytes;
  }

  #baseOf(o: number): Buffer {
    const keyed = this.#keyedBytes(o);
    if (keyed) return keyed;
    const [row] = this.#rows.each('SELECT * FROM version WHERE o = ? AND data IS NOT NULL ORDER BY r LIMIT 1', o);
    return this.#baseIn(row);
  }

  #versionOf(o: number, revision: number): Buffer {
    const [row] = this.#rows.each('SELECT * FROM version WHERE o = ? AND r = ?', o, revision);
    return this.#baseIn(row);
  }

  /** The base of other texts is never a delta itself. */
  #baseIn(row: Row | undefined): Buffer {
    const kind = (row?.['data'] as Uint8Array | null | undefined)?.[0];
    const bytes = row && kind !== delta && kind !== later ? this.#bytesOfRow(row) : undefined;
    if (bytes) return bytes;
    throw damaged('the base of a text is not there');
  }

  #keyedBytes(o: number): Buffer | undefined {
    return this.#blockOf(o)?.bytesOf(o);
  }

  /** Relations of the keyframe. */
  keyedOut(o: number): readonly Out[] {
    return this.#blockOf(o)?.outOf(o) ?? [];
  }

  /** The block with the object; undefined if none. */
  #blockOf(o: number): Block | undefined {
    const b = this.#objects.blockOf(o) - 1;
    const block = b < 0 ? undefined : this.#blockAt(b);
    return block?.has(o) ? block : undefined;
  }

  #blockAt(b: number): Block {
    if (this.#block?.b === b) return this.#block.block;
    const block = getOrMake<number, Block>(this.#unpacked, b, () => this.#readBlock(b));
    this.#block = { b, block };
    return block;
  }

  #readBlock(b: number): Block {
    const [row] = this.#rows.each('SELECT * FROM block WHERE b = ?', b);
    if (!row) throw damaged('a block is not there');
    checkRow('block', row);
    return new Block(expand(row['data'] as Uint8Array));
  }
}

export function stateIn(o: number, bytes: Buffer): ObjectState {
  const end = bytes.lastIndexOf(lineFeed);
  return { o, text: bytes.toString('utf8', 0, end), extra: bytes.toString('utf8', end + 1) };
}

// An uncompressed block of the keyframe: numbers first, then the texts, so that one text can be read without the others.
import { damaged } from './codec.ts';

/** One resource of a block. */
export interface BlockRow {
  readonly o: number;
  /** Its text, a line break and its additional data. */
  readonly bytes: Uint8Array;
  /** Bytes of the text. */
  readonly text: number;
  /** Outgoing relations, flat: type, target, tail, and milliseconds. */
  readonly out: readonly number[];
}

/** Numbers per resource before its relations: `o`, bytes, bytes of the text, relations. */
const perRow = 4;
/** Type, target, tail, and the time as two numbers. */
const perRelation = 5;
const half = 2 ** 32;

export function packBlock(rows: readonly BlockRow[]): Buffer {
  const relations = rows.reduce((sum, { out }) => sum + out.length / 4, 0);
  const numbers = new Uint32Array(1 + rows.length * perRow + relations * perRelation);
  numbers[0] = rows.length;
  let at = 1;
  for (const { o, bytes, text, out } of rows) {
    numbers.set([o, bytes.length, text, out.length / 4], at);
    at += perRow;
  }
  for (const { out } of rows)
    for (let i = 0; i < out.length; i += 4) {
      const [type = 0, target = 0, tail = 0, time = 0] = out.slice(i, i + 4);
      numbers.set([type, target, tail, Math.floor(time / half), time % half], at);
      at += perRelation;
    }
  return Buffer.concat([new Uint8Array(numbers.buffer), ...rows.map(({ bytes }) => bytes)]);
}

interface Place {
  readonly from: number;
  readonly to: number;
  readonly text: number;
  /** Index of its relations' numbers, and number of relations. */
  readonly at: number;
  readonly relations: number;
}

export class Block {
  readonly #bytes: Buffer;
  readonly #numbers: Uint32Array;
  readonly #places = new Map<number, Place>();

  /** @throws Fault `history_damaged`. */
  constructor(bytes: Buffer) {
    const count = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
    const heads = numbersIn(bytes, 1 + count * perRow);
    let at = heads.length;
    for (let i = 0; i < count; i++) at += (heads[1 + i * perRow + 3] ?? 0) * perRelation;
    this.#bytes = bytes;
    this.#numbers = numbersIn(bytes, at);
    let from = at * 4;
    at = heads.length;
    for (let i = 1; i < heads.length; i += perRow) {
      const [o = 0, length = 0, text = 0, relations = 0] = heads.subarray(i, i + perRow);
      this.#places.set(o, { from, to: from + length, text, at, relations });
      from += length;
      at += relations * perRelation;
    }
    if (from !== bytes.length) throw damaged('a block of the keyframe is cut');
  }

  get bytes(): number {
    return this.#bytes.length;
  }

  has(o: number): boolean {
    return this.#places.has(o);
  }

  /** Text, line break and additional data, not copied; undefined if it is in another block. */
  bytesOf(o: number): Buffer | undefined {
    const place = this.#places.get(o);
    return place && this.#bytes.subarray(place.from, place.to);
  }

  textOf(o: number): string {
    const place = this.#places.get(o);
    return place ? this.#bytes.toString('utf8', place.from, place.from + place.text) : '';
  }

  extraOf(o: number): string {
    const place = this.#places.get(o);
    return place ? this.#bytes.toString('utf8', place.from + place.text + 1, place.to) : '';
  }

  /** Outgoing relations: type, target, tail, and milliseconds. */
  outOf(o: number): readonly (readonly [type: number, target: number, tail: number, time: number])[] {
    const { at = 0, relations = 0 } = this.#places.get(o) ?? {};
    const numbers = this.#numbers;
    const number = (i: number) => numbers[i] ?? 0;
    return Array.from({ length: relations }, (_, each) => {
      const i = at + each * perRelation;
      return [number(i), number(i + 1), number(i + 2), number(i + 3) * half + number(i + 4)] as const;
    });
  }
}

/** @throws Fault `history_damaged` if there are fewer. */
function numbersIn(bytes: Buffer, count: number): Uint32Array {
  if (bytes.length < count * 4) throw damaged('a block of the keyframe is cut');
  // Copied, because numbers must be aligned to four bytes.
  return new Uint32Array(Uint8Array.prototype.slice.call(bytes, 0, count * 4).buffer);
}

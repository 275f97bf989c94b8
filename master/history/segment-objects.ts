// The objects of a segment by number: id, type, namespace, and where the keyframe has them. Numbers are added as more is written.
import { damaged } from './codec.ts';
import { Column, IdTable } from './columns.ts';
import { NumberGroups } from './number-groups.ts';
import { checkRow, num, type Row, type SegmentRows, str } from './segment-rows.ts';

export interface ObjectPlace {
  readonly id: string;
  readonly type: string;
  readonly namespace: string;
}

/** By numbers of words; of blocks from 1, or 0 for objects in none. */
export type GroupKey = 'type' | 'namespace' | 'block';

/** Rows read at a time. */
const atOnce = 5000;

export class SegmentObjects {
  readonly #rows: SegmentRows;
  readonly #ids = new IdTable();
  /** By object number: words of its type and namespace, and the number of its keyframe block plus one. */
  readonly #types = new Column();
  readonly #spaces = new Column();
  readonly #blocks = new Column();
  readonly #words: string[] = [];
  /** Made when they are asked for, and again when there are more objects. */
  readonly #groups = new Map<GroupKey, { readonly size: number; readonly groups: NumberGroups }>();

  constructor(rows: SegmentRows) {
    this.#rows = rows;
  }

  /** Reads what was written since: objects, then the words that they refer to, as more may be written in between. */
  refresh(): void {
    this.#refreshObjects();
    for (const row of this.#rows.each('SELECT * FROM word WHERE n >= ? ORDER BY n', this.#words.length)) {
      checkRow('word', row);
      this.#words[num(row['n'])] = str(row['text']);
    }
  }

  #refreshObjects(): void {
    // In batches: all rows at once would take more memory than the result.
    for (let known = -1; known < this.#ids.size; ) {
      known = this.#ids.size;
      const rows = 'SELECT * FROM object WHERE o >= ? ORDER BY o LIMIT ?';
      for (const row of this.#rows.each(rows, known, atOnce)) this.#takeObject(row);
    }
  }

  #takeObject(row: Row): void {
    const [o, id, type, space] = [num(row['o']), str(row['id']), num(row['type']), num(row['space'])];
    const block = row['block'] as number | null;
    checkRow('object', row);
    if (this.#ids.size !== o || this.#ids.add(id) !== o)
      throw damaged(`an object has the number ${o}, which is not its own`);
    this.#types.set(o, type);
    this.#spaces.set(o, space);
    this.#blocks.set(o, block === null ? 0 : block + 1);
  }

  numberOf(id: string): number | undefined {
    return this.#ids.numberOf(id);
  }

  place(o: number): ObjectPlace {
    return { id: this.idOf(o), type: this.word(this.#types.at(o)), namespace: this.word(this.#spaces.at(o)) };
  }

  idOf(o: number): string {
    const id = this.#ids.idOf(o);
    if (id !== undefined) return id;
    throw damaged(`an object has the number ${o}, which nothing says anything of`);
  }

  /** Number of the word of its type. */
  typeOf(o: number): number {
    return this.#types.at(o);
  }

  /** Number of the word of its namespace. */
  namespaceOf(o: number): number {
    return this.#spaces.at(o);
  }

  /** Number of its keyframe block, from 1; 0 if there is none. */
  blockOf(o: number): number {
    return this.#blocks.at(o);
  }

  groupedBy(key: GroupKey): NumberGroups {
    const known = this.#groups.get(key);
    if (known?.size === this.size) return known.groups;
    const column = { type: this.#types, namespace: this.#spaces, block: this.#blocks }[key];
    const groups = new NumberGroups(this.size, (o) => column.at(o));
    this.#groups.set(key, { size: this.size, groups });
    return groups;
  }

  word(n: number): string {
    const found = this.#words[n];
    if (found !== undefined) return found;
    throw damaged(`a word has the number ${n}, which nothing says anything of`);
  }

  get size(): number {
    return this.#ids.size;
  }
}

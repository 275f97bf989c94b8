// Reads of a segment what a walk needs: the relations that touch given objects, and which types and namespaces have objects.
import { few } from './object-choice.ts';
import { sortedByPlace } from './object-order.ts';
import type { Changed } from './segment-changed.ts';
import type { SegmentReader } from './segment-reader.ts';
import type { Out } from './segment-versions.ts';

/** Relations whose ids, types and tails are words. */
export interface Touching {
  /** The words that `edges` refers to by index. */
  readonly words: readonly string[];
  /** Flat: source, type, target and tail as word indexes, and milliseconds. */
  readonly edges: readonly number[];
}

/** By type, the namespaces with objects; for type Namespace, their names. The empty name stands for cluster-wide objects. */
export interface Places {
  readonly [type: string]: readonly string[];
}

/** Relations per portion. */
const portion = 5000;

/** In portions: outgoing relations of each object, and incoming ones from other objects. */
export function* touchingIn(reader: SegmentReader, revision: number, ids: readonly string[]): Generator<Touching> {
  const core = new Set(ids.flatMap((id) => reader.numberOf(id) ?? []));
  const changed = changedIn(reader, core);
  let part = new Part(reader);
  for (const o of sortedByPlace(reader, core)) {
    for (const out of reader.outOf(o, revision, changed)) part.add(o, out);
    if (part.size < portion) continue;
    yield part.take();
    part = new Part(reader);
  }
  const sources = new Set<number>();
  for (const o of core) for (const s of reader.sourcesOf(o)) if (!core.has(s)) sources.add(s);
  const ofSources = changedIn(reader, sources);
  for (const s of sortedByPlace(reader, sources)) {
    for (const out of reader.outOf(s, revision, ofSources)) if (core.has(out[1])) part.add(s, out);
    if (part.size < portion) continue;
    yield part.take();
    part = new Part(reader);
  }
  yield part.take();
}

function changedIn(reader: SegmentReader, objects: ReadonlySet<number>): Changed {
  return objects.size > few ? reader.changed() : reader.changedAmong(objects);
}

class Part {
  readonly #reader: SegmentReader;
  readonly #words: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #edges: number[] = [];

  constructor(reader: SegmentReader) {
    this.#reader = reader;
  }

  get size(): number {
    return this.#edges.length / 5;
  }

  add(source: number, [type, target, tail, at]: Out): void {
    const reader = this.#reader;
    const said = [reader.idOf(source), reader.word(type), reader.idOf(target), reader.word(tail)];
    for (const text of said) this.#edges.push(this.#say(text));
    this.#edges.push(at);
  }

  take(): Touching {
    return { words: this.#words, edges: this.#edges };
  }

  #say(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#words.length);
    return this.#words.push(text) - 1;
  }
}

const namespaceType = 'Namespace';

export function placesOf(reader: SegmentReader): Places {
  const found = new Map<string, Set<string>>();
  const seen = new Set<number>();
  for (let o = 0; o < reader.size; o++) {
    const type = reader.word(reader.typeOf(o));
    const pair = reader.typeOf(o) * 2 ** 26 + reader.namespaceOf(o);
    if (type !== namespaceType && seen.has(pair)) continue;
    seen.add(pair);
    const names = found.get(type) ?? new Set();
    found.set(type, names.add(spaceOf(reader, o, type)));
  }
  return Object.fromEntries([...found].map(([type, names]) => [type, [...names]]));
}

/** Returns a test whether an object is in one of the places. */
export function isIn(reader: SegmentReader, places: Places): (o: number) => boolean {
  const names = new Map(Object.entries(places).map(([type, spaces]) => [type, new Set(spaces)]));
  const known = new Map<number, boolean>();
  return (o) => {
    const pair = reader.typeOf(o) * 2 ** 26 + reader.namespaceOf(o);
    const before = known.get(pair);
    if (before !== undefined) return before;
    const type = reader.word(reader.typeOf(o));
    const is = names.get(type)?.has(spaceOf(reader, o, type)) ?? false;
    if (type !== namespaceType) known.set(pair, is);
    return is;
  };
}

function spaceOf(reader: SegmentReader, o: number, type: string): string {
  return type === namespaceType ? reader.idOf(o).slice(namespaceType.length + 1) : reader.word(reader.namespaceOf(o));
}

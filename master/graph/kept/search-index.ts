// Finds resources by names, addresses, labels and UIDs. It is updated with each revision and answers what a scan would: see
// search-terms.ts.
import { every, type Steps } from '../../../src/steps.ts';
import type { GraphReader } from '../engine/engine.ts';
import type { Vertex } from '../model/vertex.ts';
import type { Change } from '../revisions/changes.ts';
import { entriesOf } from '../revisions/snapshot.ts';
import { Lexicon } from './lexicon.ts';
import { hasLabel, idsOf, type Reading, type ReadingOptions, readings } from './readings.ts';
import {
  isTypoOf,
  lower,
  type Place,
  type Rank,
  rankOf,
  ranks,
  shortestTypo,
  shortestUid,
  type Texts,
  textsOf,
} from './search-terms.ts';
import { smallestFirst } from './smallest-first.ts';

export interface Hit {
  readonly vertex: Vertex;
  readonly rank: Rank;
  readonly in: Place;
  /** The matching text. */
  readonly text: string;
}

export interface SearchOptions extends ReadingOptions {
  readonly limit: number;
}

export interface Found {
  readonly revision: number;
  readonly timestamp: string;
  readonly hits: readonly Hit[];
  /** Whether there are more hits. */
  readonly more: boolean;
}

type Searched = Exclude<Place, 'id' | 'uid'>;

/** The index is rebuilt once more than half of its entries, and more than this number, are outdated. */
const tolerated = 10_000;

export class SearchIndex {
  readonly #graph: GraphReader;
  #lexicons = newLexicons();
  /** By hash of the first letters. */
  #uids = new Map<number, Vertex | Vertex[]>();
  /** Number of builds. */
  #generation = 0;
  #added = 0;
  #gone = 0;
  #unfollow: (() => void) | undefined;

  constructor(graph: GraphReader) {
    this.#graph = graph;
  }

  /** Adds existing resources. Run it once, to its end. */
  *make(): Steps<void> {
    this.#graph.changes.record();
    this.#unfollow ??= this.#graph.changes.follow((change) => this.#apply(change));
    yield* this.#addAll();
  }

  close(): void {
    this.#unfollow?.();
    this.#lexicons = newLexicons();
    this.#uids = new Map();
  }

  /** Best hits first. Restarts if the graph changes meanwhile, since an answer is of one revision. */
  *find(question: string, options: SearchOptions): Steps<Found> {
    if (this.#gone > this.#added / 2 + tolerated) yield* this.#makeAgain();
    for (let tries = 0; ; tries++) {
      const { revision, timestamp } = this.#graph;
      const steps = this.#hits(question, options);
      let step = steps.next();
      while (!step.done) {
        if (tries < patience) yield;
        step = steps.next();
      }
      if (this.#graph.revision === revision) return { ...step.value, revision, timestamp };
    }
  }

  /** Approximate size. */
  size(): { readonly texts: number; readonly bytes: number } {
    const sizes = Object.values(this.#lexicons).map((each) => each.size());
    return {
      texts: sizes.reduce((sum, { texts }) => sum + texts, 0),
      bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  // --- maintenance -----------------------------------------------------------------------------------------------------

  *#addAll(): Steps<void> {
    const pause = every(128);
    for (const { vertex } of entriesOf({ types: this.#graph.order.types() })) {
      if (vertex.version) this.#add(vertex);
      if (pause()) yield;
    }
  }

  *#makeAgain(): Steps<void> {
    this.#lexicons = newLexicons();
    this.#uids = new Map();
    this.#generation++;
    this.#added = 0;
    this.#gone = 0;
    yield* this.#addAll();
  }

  #apply(change: Change): void {
    this.#gone += change.removedResources.length;
    for (const { id } of change.resources) {
      const vertex = this.#graph.get(id);
      if (vertex?.version) this.#add(vertex);
    }
  }

  #add(vertex: Vertex): void {
    const texts = textsOf(vertex);
    const now = hashOfAll(texts, this.#generation);
    if (vertex.searched === now) return;
    if (vertex.searched !== 0) this.#gone++;
    vertex.searched = now;
    this.#added++;
    for (const place of searched) for (const text of texts[place]) this.#lexicons[place].add(text, vertex);
    for (const uid of texts.uid) this.#addUid(hashOf(uid.slice(0, shortestUid)), vertex);
  }

  #addUid(key: number, vertex: Vertex): void {
    const known = this.#uids.get(key);
    if (Array.isArray(known)) known.push(vertex);
    else this.#uids.set(key, known && known !== vertex ? [known, vertex] : vertex);
  }

  // --- search ----------------------------------------------------------------------------------------------------------

  *#hits(
    question: string,
    { limit, accepts = () => true, typesNamed = () => [] }: SearchOptions,
  ): Steps<Pick<Found, 'hits' | 'more'>> {
    const collected = new Collected(limit);
    for (const id of idsOf(question, typesNamed)) {
      const vertex = this.#graph.get(id);
      if (vertex?.version && accepts(vertex))
        collected.add({ vertex, rank: 'exact', in: 'id', text: lower(vertex.id) });
    }
    for (const asked of readings(question, { accepts, typesNamed })) {
      const matches = new Map<Rank, Map<Searched, number[]>>();
      for (const rank of ranks) {
        if (!matches.has(rank)) yield* this.#match(asked, rank, matches);
        for (const place of searched) {
          yield* this.#collect(asked, rank, place, matches.get(rank)?.get(place) ?? [], collected);
          if (collected.full) return collected.answer();
        }
        this.#byUid(asked, rank, collected);
      }
    }
    return collected.answer();
  }

  /** Adds the resources of the texts: shorter texts first, then by text, then by id. */
  *#collect(
    asked: Reading,
    rank: Rank,
    place: Searched,
    numbers: readonly number[],
    collected: Collected,
  ): Steps<void> {
    const lexicon = this.#lexicons[place];
    const byLength = Map.groupBy(numbers, (number) => lexicon.text(number).length);
    for (const length of [...byLength.keys()].sort((a, b) => a - b))
      for (const number of smallestFirst(byLength.get(length) ?? [], (each) => lexicon.text(each))) {
        const text = lexicon.text(number);
        const there = lexicon.vertices(number).filter((vertex) => vertex.version && asked.accepts(vertex));
        for (const vertex of smallestFirst(there, ({ id }) => id)) {
          if (says(vertex, place, text, asked.key)) collected.add({ vertex, rank, in: place, text });
          if (collected.full) return;
        }
        yield;
      }
  }

  /** Text numbers of that rank and of the ranks found with it. */
  *#match(asked: Reading, rank: Rank, into: Map<Rank, Map<Searched, number[]>>): Steps<void> {
    const along = ranksAlong[rank];
    for (const each of along) into.set(each, new Map(searched.map((place) => [place, []])));
    for (const place of asked.key === undefined ? searched : (['label'] as const)) {
      const lexicon = this.#lexicons[place];
      const seen = rank === 'typo' ? new Set<number>() : undefined;
      let n = 0;
      for (const numbers of this.#candidates(asked.text, rank, place))
        for (const number of numbers) {
          const is = rankIn(lexicon.text(number), asked.text, rank === 'typo');
          if (is && along.includes(is) && !seen?.has(number)) {
            seen?.add(number);
            into.get(is)?.get(place)?.push(number);
          }
          if (++n % often === 0) yield;
        }
    }
  }

  #candidates(asked: string, rank: Rank, place: Searched): readonly Uint32Array[] {
    const lexicon = this.#lexicons[place];
    if (rank === 'typo') return asked.length < shortestTypo ? [] : lexicon.nearly(asked);
    return [ranksAlong[rank].includes('prefix') ? lexicon.beginning(asked) : lexicon.containing(asked)];
  }

  #byUid({ text, accepts, key }: Reading, rank: Rank, collected: Collected): void {
    if (text.length < shortestUid || key !== undefined || (rank !== 'exact' && rank !== 'prefix')) return;
    const few = this.#uids.get(hashOf(text.slice(0, shortestUid))) ?? [];
    const there = (Array.isArray(few) ? few : [few]).filter(({ version, uid }) => version && uid);
    for (const vertex of smallestFirst(there.filter(accepts), ({ id }) => id)) {
      const uid = lower(vertex.uid);
      if (rank === 'exact' ? uid === text : uid !== text && uid.startsWith(text))
        collected.add({ vertex, rank, in: 'uid', text: uid });
    }
  }
}

/** Ranks found in one pass: a search for prefixes also finds exact matches, and so on. */
const ranksAlong: { readonly [rank in Rank]: readonly Rank[] } = {
  exact: ['exact', 'prefix'],
  prefix: ['exact', 'prefix'],
  word: ['word', 'part'],
  part: ['word', 'part'],
  typo: ['typo'],
};
/** Texts examined between two pauses. */
const often = 4096;

function rankIn(text: string, asked: string, near: boolean): Rank | undefined {
  return rankOf(text, asked) ?? (near && isTypoOf(text, asked) ? 'typo' : undefined);
}

const searched = ['name', 'address', 'label'] as const satisfies readonly Searched[];
const patience = 3;

function newLexicons(): { readonly [place in Searched]: Lexicon } {
  return { name: new Lexicon(), address: new Lexicon(), label: new Lexicon() };
}

/** The first hits up to a limit, and whether there are more. */
class Collected {
  readonly #limit: number;
  readonly #hits = new Map<string, Hit>();
  #more = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** It is known whether there are more. */
  get full(): boolean {
    return this.#more;
  }

  add(hit: Hit): void {
    if (this.#hits.has(hit.vertex.id)) return;
    if (this.#hits.size < this.#limit) this.#hits.set(hit.vertex.id, hit);
    else this.#more = true;
  }

  answer(): Pick<Found, 'hits' | 'more'> {
    return { hits: [...this.#hits.values()], more: this.#more };
  }
}

/** Whether the vertex still has the text. */
function says(vertex: Vertex, place: Searched, text: string, key: string | undefined): boolean {
  if (!vertex.version) return false;
  if (key === undefined) return textsOf(vertex)[place].includes(text);
  return hasLabel(vertex, key, text);
}

/** FNV-1a. If the texts before and after a change collide, a search by the new labels or addresses misses the resource. */
function hashOf(text: string, hash = 0x811c9dc5): number {
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/** Never 0, which stands for "not added". */
function hashOfAll(texts: Texts, generation: number): number {
  let hash = hashOf(String(generation));
  for (const place of [...searched, 'uid'] as const)
    for (const text of texts[place]) hash = hashOf('\n', hashOf(text, hash));
  return hash === 0 ? 1 : hash;
}

// Records which resources each examined resource depended on, so that changes lead to those to examine again. Missing resources
// are recorded too: when a name appears, everyone who looked for it is examined again.
import { FewByKey } from './few.ts';

/** What may change: the resource itself, its facets, its outgoing or incoming relations, or a fact about several resources. */
export const looks = ['itself', 'facets', 'out', 'into', 'other'] as const;
export type Look = (typeof looks)[number];

/** Keys of facts about several resources. */
export const together = {
  /** The members of a type, in a namespace or everywhere, and their contents. */
  members: (type: string, namespace: string | undefined) =>
    namespace === undefined ? `*${type}` : `*${namespace} ${type}`,
  /** Whether a resource of the type exists. */
  any: (type: string, namespace: string | undefined) =>
    namespace === undefined ? `+${type}` : `+${namespace} ${type}`,
  /** The members of a choice, or whether one resource is among them. */
  chosen: (choice: string, id?: string) => (id === undefined ? `=${choice}` : `=${choice} ${id}`),
  /** The distinct texts of a choice. */
  values: (choice: string) => `#${choice}`,
} as const;

/** The dependencies of one resource. The object is reused: its content is copied at the end. */
export class Looked {
  readonly itself = new Set<string>();
  readonly facets = new Set<string>();
  readonly out = new Set<string>();
  readonly into = new Set<string>();
  readonly other = new Set<string>();

  get size(): number {
    return looks.reduce((sum, look) => sum + this[look].size, 0);
  }

  clear(): void {
    for (const look of looks) if (this[look].size > 0) this[look].clear();
  }
}

/** Prefix of the ids that follow with another kind of look. No id is this short. */
const marks: { readonly [look in Look]: string } = { itself: '', facets: '=', out: '>', into: '<', other: '*' };
const lookOf = new Map(looks.map((look) => [marks[look], look]));

export class Dependencies {
  readonly #by: { readonly [look in Look]: FewByKey } = {
    itself: new FewByKey(),
    facets: new FewByKey(),
    out: new FewByKey(),
    into: new FewByKey(),
    other: new FewByKey(),
  };
  /** A single look at a resource itself is kept without a list. */
  readonly #of = new Map<string, string | readonly string[]>();
  #notes = 0;

  /** The resources that depend on it. */
  on(look: Look, what: string): Iterable<string> {
    return this.#by[look].on(what);
  }

  /** Whether any resource depends on it. */
  has(look: Look, what: string): boolean {
    return this.#by[look].has(what);
  }

  /** Replaces the dependencies of `who`. */
  set(who: string, looked: Looked | undefined): void {
    const before = this.#of.get(who);
    const now = looked && looked.size > 0 ? listOf(looked) : undefined;
    if (before === now || (before && now && isSame(before, now))) return;
    if (before) each(before, (look, what) => this.#by[look].delete(what, who));
    if (now) each(now, (look, what) => this.#by[look].add(what, who));
    this.#notes += countOf(now) - countOf(before);
    if (now) this.#of.set(who, now);
    else this.#of.delete(who);
  }

  get size(): number {
    return this.#of.size;
  }

  /** Number of notes in total. */
  get notes(): number {
    return this.#notes;
  }

  /** Number of notes of `who`. */
  notesOf(who: string): number {
    return countOf(this.#of.get(who));
  }
}

function listOf(looked: Looked): string | readonly string[] {
  const list: string[] = [...looked.itself];
  for (const look of ['facets', 'out', 'into', 'other'] as const) {
    const before = list.length;
    for (const what of looked[look]) {
      // A look at the whole resource includes its facets.
      if (look === 'facets' && looked.itself.has(what)) continue;
      if (list.length === before) list.push(marks[look]);
      list.push(what);
    }
  }
  // An array that grew by `push` keeps room for 17 more.
  const [only] = list;
  return only !== undefined && looked.itself.size === 1 && list.length === 1 ? only : list.slice();
}

function countOf(list: string | readonly string[] | undefined): number {
  return typeof list === 'string' ? 1 : (list?.length ?? 0);
}

function each(list: string | readonly string[], visit: (look: Look, what: string) => void): void {
  if (typeof list === 'string') return visit('itself', list);
  let look: Look = 'itself';
  for (const text of list) {
    const mark = text.length < 2 ? lookOf.get(text) : undefined;
    if (mark) look = mark;
    else visit(look, text);
  }
}

function isSame(a: string | readonly string[], b: string | readonly string[]): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return a.length === b.length && a.every((text, at) => text === b[at]);
}

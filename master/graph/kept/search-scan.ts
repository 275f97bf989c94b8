// How well one resource matches a question, by looking at it alone: what an index finds without looking at all of them.
import { parseId } from '../../../src/ids.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { Vertex } from '../model/vertex.ts';
import { hasLabel, idsOf, type Reading, readings } from './readings.ts';
import {
  isTypoOf,
  lower,
  type Place,
  places,
  type Rank,
  rankOf,
  ranks,
  type Searchable,
  shortestUid,
  textsOf,
} from './search-terms.ts';

/** Types by the names that occur in a question. */
export interface NamedTypes {
  readonly [name: string]: readonly string[];
}

/** Names of types that occur in a question, looked up. */
export function namedTypesIn(question: string, typesNamed: (name: string) => readonly string[]): NamedTypes {
  const named: { [name: string]: readonly string[] } = {};
  const note = (name: string) => (named[name] ??= typesNamed(name));
  note(parseId(question.trim()).type);
  for (const _ of readings(question, { typesNamed: note })) continue;
  return named;
}

export interface Match {
  readonly rank: Rank;
  readonly in: Place;
  /** The matching text. */
  readonly text: string;
}

/** A match, and what it is sorted by. */
export interface Scanned extends Match {
  readonly id: string;
  readonly order: readonly number[];
  /** Empty where texts do not decide. */
  readonly by: string;
}

/** The best match of each resource. */
export function scanFor(question: string, named: NamedTypes): (one: Searchable) => Scanned | undefined {
  const typesNamed = (name: string) => named[name] ?? [];
  const ids = idsOf(question, typesNamed);
  const asked = [...readings(question, { typesNamed })];
  return (one) => {
    const at = ids.indexOf(one.id);
    if (at >= 0) return { id: one.id, rank: 'exact', in: 'id', text: lower(one.id), order: [-1, at], by: '' };
    for (const [i, each] of asked.entries()) {
      const best = each.accepts(one as Vertex) ? bestOf(one, each, i) : undefined;
      if (best) return best;
    }
    return undefined;
  };
}

/** Best first, as an index has them. */
export function scanOrder(a: Scanned, b: Scanned): number {
  const most = Math.max(a.order.length, b.order.length);
  for (let i = 0; i < most; i++) {
    const difference = (a.order[i] ?? 0) - (b.order[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return textOrder(a.by, b.by) || textOrder(a.id, b.id);
}

function bestOf(one: Searchable, { text: asked, key }: Reading, reading: number): Scanned | undefined {
  let best: Scanned | undefined;
  const offer = (place: Place, text: string, rank: Rank | undefined) => {
    if (!rank) return;
    const order = [reading, ranks.indexOf(rank), places.indexOf(place), place === 'uid' ? 0 : text.length];
    const found = { id: one.id, rank, in: place, text, order, by: place === 'uid' ? '' : text };
    if (!best || scanOrder(found, best) < 0) best = found;
  };
  const texts = textsOf(one);
  if (key === undefined)
    for (const place of ['name', 'address', 'label'] as const)
      for (const text of texts[place]) offer(place, text, rankIn(text, asked));
  else for (const text of texts.label) if (hasLabel(one, key, text)) offer('label', text, rankIn(text, asked));
  if (key === undefined && asked.length >= shortestUid)
    for (const uid of texts.uid) if (uid.startsWith(asked)) offer('uid', uid, uid === asked ? 'exact' : 'prefix');
  return best;
}

function rankIn(text: string, asked: string): Rank | undefined {
  return rankOf(text, asked) ?? (isTypoOf(text, asked) ? 'typo' : undefined);
}

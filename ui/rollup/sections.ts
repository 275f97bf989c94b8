// A wall with more tiles than a picture has: the worst stay, the others are gathered in sections by how their names begin, one
// tile each. Nothing is left out: a section opens as the wall of those names.
import { type State, severity } from '../words.ts';
import { type Card, mostCards } from './card.ts';

/** Tiles that stay, and sections at most: together fewer than a picture has. */
const mostAlone = 1000;
const mostSections = 200;
const longestPrefix = 24;

/** The same cards where they fit. */
export function inSections(cards: readonly Card[]): readonly Card[] {
  if (cards.length <= mostCards) return cards;
  const byNeed = cards.toSorted((a, b) => severity(a.state) - severity(b.state) || (a.order < b.order ? -1 : 1));
  const rest = byNeed.slice(mostAlone);
  const length = prefixLength(rest);
  const sections = Map.groupBy(rest, ({ title }) => title.slice(0, length));
  return [...byNeed.slice(0, mostAlone), ...[...sections].flatMap(([prefix, of]) => sectionOf(prefix, of))];
}

/** The longest at which there are not too many sections. */
function prefixLength(cards: readonly Card[]): number {
  let length = 0;
  while (length < longestPrefix && new Set(cards.map(({ title }) => title.slice(0, length + 1))).size <= mostSections)
    length++;
  return length;
}

function sectionOf(prefix: string, cards: readonly Card[]): Card {
  const [first] = cards;
  if (first && cards.length === 1) return first;
  const bar = new Map<State, number>();
  for (const card of cards) for (const [state, count] of card.bar ?? []) bar.set(state, (bar.get(state) ?? 0) + count);
  return {
    key: `section:${prefix}`,
    lane: 0,
    title: `${prefix}…`,
    kind: first?.kind ?? '',
    members: cards.flatMap(({ members }) => members),
    state: first?.state ?? 'none',
    note: `${cards.length} more, by name`,
    bar: new Map([...bar].sort(([a], [b]) => severity(a) - severity(b))),
    height: first?.height ?? 0,
    // Behind the tiles that stay.
    order: `\u{10ffff}${prefix}`,
    opens: { text: prefix, focus: '' },
  };
}

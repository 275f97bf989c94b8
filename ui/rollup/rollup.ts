// Rolls up resources and relations to a readable scene: owners, contained things, inherited lines, stacks. Pure: the same
// graph gives the same scene in any order.
import type { Relation, Resource } from '../../src/model.ts';
import { counted, type State, severity, worst } from '../words.ts';
import { type Card, type Line, mostCards, mostLines, type Scene } from './card.ts';
import { cardsOf, type Placing, starred } from './cards.ts';
import { lineKey, linesBetween, withoutInherited } from './lines.ts';
import { cardKeys, ownersOf } from './owner.ts';
import { likenessOfLeaves, stacksOf } from './stacks.ts';

export interface RollUpOptions extends Placing {
  readonly lanes: readonly string[];
  /** What is shown; hidden resources have no cards or lines. */
  readonly keep: (resource: Resource) => boolean;
  /** Previous card of each card. */
  readonly before?: ReadonlyMap<string, string> | undefined;
  /** Keys of opened stacks. */
  readonly open?: ReadonlySet<string> | undefined;
}

export interface RollUp {
  readonly scene: Scene;
  /** For the next call. */
  readonly drawn: ReadonlyMap<string, string>;
  /** Card key by resource id. */
  readonly cardOf: ReadonlyMap<string, string>;
}

export function rollUp(
  resources: readonly Resource[],
  relations: readonly Relation[],
  { lanes, lane, outside, keep, before }: RollUpOptions,
): RollUp {
  const sorted = resources.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const types = new Map(sorted.map(({ id, type }) => [id, type]));
  const owners = ownersOf(relations, (id) => types.get(id));
  const keys = cardKeys(sorted, owners);
  const shown = sorted.filter(keep);
  const heads = new Set(shown.map(({ id }) => keys.get(id)));
  // Contents of shown cards are included even if their kind is filtered out.
  const along = sorted.filter(({ id }) => keys.get(id) !== id && heads.has(keys.get(id)));
  const members = [...new Set([...shown, ...along])];
  const cards = cardsOf(members, (id) => keys.get(id), outside ? { lane, outside } : { lane });
  const drawable = new Set(cards.map(({ key }) => key));
  const onCard = (id: string) => {
    const key = keys.get(id);
    return key !== undefined && drawable.has(key) ? key : undefined;
  };
  const between = linesBetween(relations, onCard);
  const ownerCards = new Map(cards.map(({ key, members: [first = ''] }) => [key, onCard(owners.get(first) ?? '')]));
  const lines = withoutInherited(between, (card) => ownerCards.get(card));
  const drawn = stacksOf(cards, { alike: likenessOfLeaves(lines), least: 3, before });
  const scene = cut({ form: 'lanes', lanes, cards: stacked(cards, drawn), lines: moved(lines, drawn), leftOut: [] });
  const cardOf = new Map(
    [...keys].flatMap(([id, key]) => (drawable.has(key) ? [[id, drawn.get(key) ?? key] as const] : [])),
  );
  return { scene, drawn, cardOf };
}

/** Merges stacked cards. */
export function stacked(cards: readonly Card[], drawn: ReadonlyMap<string, string>): Card[] {
  const groups = Map.groupBy(cards, ({ key }) => drawn.get(key) ?? key);
  return [...groups].flatMap(([key, group]) => {
    const [first] = group;
    if (!first || (group.length === 1 && key === first.key)) return first ?? [];
    const bar = new Map<State, number>();
    for (const { state } of group) bar.set(state, (bar.get(state) ?? 0) + 1);
    return {
      ...first,
      key,
      title: counted(group.length, first.kind),
      members: group.flatMap(({ members }) => members),
      state: worst(group.map(({ state }) => state)),
      note: starred(group.map(({ title }) => title)),
      bar: new Map([...bar].sort(([a], [b]) => severity(a) - severity(b))),
    };
  });
}

function moved(lines: readonly Line[], drawn: ReadonlyMap<string, string>): Line[] {
  const found = new Map<string, Line>();
  for (const line of lines) {
    const source = drawn.get(line.source) ?? line.source;
    const target = drawn.get(line.target) ?? line.target;
    if (source === target) continue;
    const isSame = source === line.source && target === line.target;
    const key = isSame ? line.key : lineKey(source, line.type, target);
    const known = found.get(key);
    if (isSame && !known) found.set(key, line);
    else
      found.set(key, {
        ...line,
        key,
        source,
        target,
        count: line.count + (known?.count ?? 0),
        missing: line.missing || known?.missing === true,
      });
  }
  return [...found.values()];
}

/** Limits the number of cards, keeps the worst, and counts the rest. */
export function cut(scene: Scene): Scene {
  const { cards, lines } = scene;
  const leftOut = [...scene.leftOut];
  let kept = cards;
  if (cards.length > mostCards) {
    kept = cards
      .toSorted((a, b) => severity(a.state) - severity(b.state) || (a.key < b.key ? -1 : 1))
      .slice(0, mostCards);
    leftOut.push(
      `${counted(cards.length - mostCards, 'card')} of ${cards.length}: narrow by kind, state or application`,
    );
  }
  const keys = new Set(kept.map(({ key }) => key));
  const both = lines.filter(({ source, target }) => keys.has(source) && keys.has(target));
  if (both.length > mostLines) leftOut.push(`${counted(both.length - mostLines, 'line')} of ${both.length}`);
  return { ...scene, cards: kept, lines: both.slice(0, mostLines), leftOut };
}

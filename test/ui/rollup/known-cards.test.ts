import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Resource } from '../../../src/model.ts';
import { laneOf, laneTitles } from '../../../ui/layout/lane.ts';
import type { Card } from '../../../ui/rollup/card.ts';
import { knownCards } from '../../../ui/rollup/known-cards.ts';
import { rollUp } from '../../../ui/rollup/rollup.ts';
import { graph } from '../random-graph.ts';

const options = { lanes: laneTitles, lane: (each: Resource) => laneOf(each, () => false), keep: () => true };
const byKey = (cards: readonly Card[]) => new Map(cards.map((card) => [card.key, card]));

test('of two pictures the cards say what the second says, and those that say the same are those of the first', () => {
  fc.assert(
    fc.property(graph, graph, (a, b) => {
      const before = rollUp(a.resources, a.relations, options).scene.cards;
      const after = rollUp(b.resources, b.relations, options).scene.cards;
      const known = knownCards(after, byKey(before));
      expect(known).toEqual(after);
      const again = rollUp(a.resources, a.relations, options).scene.cards;
      expect(knownCards(again, byKey(before)).every((card, n) => card === before[n])).toBe(true);
    }),
  );
});

test('a change of anything that is shown is another card', () => {
  const card: Card = {
    key: 'a',
    lane: 0,
    title: 'a',
    kind: 'Pod',
    members: ['a', 'b'],
    state: 'ok',
    note: '',
    bar: new Map([['ok', 2]]),
    height: 50,
    order: '',
    opens: { view: 'lanes' },
  };
  const changes: Partial<Card>[] = [
    { note: '1/2' },
    { members: ['a', 'c'] },
    { bar: new Map([['ok', 1]]) },
    { opens: { view: 'wall' } },
    { outside: true },
    { reason: 'x' },
  ];
  for (const change of changes) {
    const changed = { ...card, ...change };
    expect(knownCards([changed], byKey([card]))[0]).toBe(changed);
  }
  expect(knownCards([{ ...card, members: ['a', 'b'] }], byKey([card]))[0]).toBe(card);
});

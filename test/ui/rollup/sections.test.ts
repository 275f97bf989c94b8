import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Card, mostCards } from '../../../ui/rollup/card.ts';
import { inSections } from '../../../ui/rollup/sections.ts';
import { type State, severity } from '../../../ui/words.ts';

const card = (title: string, state: State = 'ok'): Card => ({
  key: `ResourceGroup:${title}`,
  lane: 0,
  title,
  kind: 'node',
  members: [`ResourceGroup:${title}`],
  state,
  note: '',
  bar: new Map([[state, 2]]),
  height: 82,
  order: title,
});
const states: readonly State[] = ['failed', 'degraded', 'progressing', 'ok', 'none'];
const shape = fc.record({
  count: fc.integer({ min: mostCards + 1, max: 4000 }),
  words: fc.array(fc.stringMatching(/^[a-z]{0,5}$/), { minLength: 1, maxLength: 40 }),
  bad: fc.integer({ min: 0, max: 1200 }),
});
const cardsOf = ({ count, words, bad }: { count: number; words: readonly string[]; bad: number }) =>
  Array.from({ length: count }, (_, n) =>
    card(`${words[n % words.length]}-${n}`, n < bad ? states[n % 3] : (states[3 + (n % 2)] ?? 'ok')),
  );

test('few tiles stay as they are', () => {
  const cards = Array.from({ length: mostCards }, (_, n) => card(`node-${n}`));
  expect(inSections(cards)).toBe(cards);
});

test('of many, each is a tile or in one section, and what a section opens has all of its tiles', () => {
  fc.assert(
    fc.property(shape, (asked) => {
      const cards = cardsOf(asked);
      const shown = inSections(cards);
      expect(shown.length).toBeLessThanOrEqual(mostCards);
      expect(shown.flatMap(({ members }) => members).toSorted()).toEqual(cards.map(({ key }) => key).toSorted());
      for (const { key, members, opens } of shown) {
        if (!key.startsWith('section:')) continue;
        const text = String(opens?.['text']);
        for (const member of members) expect(member).toContain(text);
      }
    }),
    { numRuns: 25 },
  );
});

test('the worst are never gathered while better ones stay', () => {
  fc.assert(
    fc.property(shape, (asked) => {
      const shown = inSections(cardsOf(asked));
      const alone = shown.slice(0, 1000).map(({ state }) => severity(state));
      const gathered = shown.slice(1000).flatMap(({ bar }) => [...(bar?.keys() ?? [])].map(severity));
      expect(Math.max(...alone)).toBeLessThanOrEqual(Math.min(...gathered));
    }),
    { numRuns: 25 },
  );
});

test('the same tiles in another order make the same sections', () => {
  const cards = cardsOf({ count: 2600, words: ['team', 'batch'], bad: 40 });
  const keys = (all: readonly Card[]) => inSections(all).map(({ key }) => key);
  expect(keys(cards.toReversed())).toEqual(keys(cards));
});

test('names that begin alike until late are told apart, and sections say how many they hold', () => {
  const cards = Array.from({ length: 5000 }, (_, n) => card(`ip-10-0-node-${String(n).padStart(4, '0')}`));
  const sections = inSections(cards).filter(({ key }) => key.startsWith('section:'));
  expect(sections.map(({ title }) => title)).toContain('ip-10-0-node-49…');
  expect(sections.find(({ title }) => title === 'ip-10-0-node-49…')?.note).toBe('100 more, by name');
});

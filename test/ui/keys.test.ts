import { expect, test } from 'vitest';
import { keyOfEvent, keys } from '../../ui/keys.ts';

const press = (key: string, more: object = {}, single = true) =>
  keyOfEvent({ key, ctrlKey: false, metaKey: false, altKey: false, ...more }, single)?.words;

test('no key means two things', () => {
  const all = keys.flatMap((each) => each.keys);
  expect(new Set(all).size).toBe(all.length);
  expect(keys.every(({ words, shown }) => words !== '' && shown !== '')).toBe(true);
});

test('keys are distinguished by their modifiers', () => {
  expect([press('k', { ctrlKey: true }), press('K', { metaKey: true }), press('k')]).toEqual([
    'Search everything',
    'Search everything',
    undefined,
  ]);
  expect([press('ArrowUp'), press('ArrowUp', { altKey: true })]).toEqual(['The card above', 'Out, one level']);
  expect(press('c', { ctrlKey: true })).toBeUndefined();
});

test('single characters can be switched off; the others stay', () => {
  expect([
    press('i', {}, false),
    press(' ', {}, false),
    press('ArrowUp', {}, false),
    press('k', { ctrlKey: true }, false),
  ]).toEqual([undefined, undefined, 'The card above', 'Search everything']);
});

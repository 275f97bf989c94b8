import { describe, expect, it } from 'vitest';
import { SetGroup, SharedSet } from '../../../../master/graph/engine/shared-sets.ts';

const setOf = (...claims: readonly number[]) => {
  const group = new SetGroup('selects', 'n1');
  const set = new SharedSet('key', { type: 'Pod' } as never, group);
  for (const claim of claims) set.add(claim, true);
  return set;
};

describe('claims that share a set', () => {
  it('are all shown until one is left out', () => {
    const set = setOf(1, 2);
    expect([set.shows(1), set.shows(2), [...set.shown], set.shownCount]).toEqual([true, true, [1, 2], 2]);
  });

  it('are shown as far as they were admitted, whenever they came', () => {
    const set = setOf(1);
    set.add(2, false);
    set.add(3, true);
    expect([set.shows(1), set.shows(2), set.shows(3)]).toEqual([true, false, true]);
    expect([[...set.shown], set.shownCount]).toEqual([[1, 3], 2]);
    set.show(new Set([2]));
    expect([[...set.shown], set.shownCount, set.shows(1)]).toEqual([[2], 1, false]);
    set.show(new Set([1, 2, 3]));
    expect([set.shows(1), set.shows(2), set.shows(3), set.shownCount]).toEqual([true, true, true, 3]);
  });

  it('are all shown again once those left out are gone', () => {
    const set = setOf(1);
    set.add(2, false);
    set.remove(2);
    set.add(3, true);
    expect([set.shows(1), set.shows(3), [...set.shown]]).toEqual([true, true, [1, 3]]);
  });

  it('belong to a group that is named after the relation and the namespace', () => {
    expect(new SetGroup('selects', 'n1').name).toBe('selects in n1');
    expect(new SetGroup('selects', '').name).toBe('selects outside of namespaces');
  });
});

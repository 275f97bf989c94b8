import { describe, expect, test } from 'vitest';
import { createStates } from '../../../../master/graph/engine/states.ts';
import type { SourceState } from '../../../../src/model.ts';

const at = (n: number) => `2026-01-01T00:00:0${n}.000Z`;
const is = (state: SourceState['state'], n = 0, reason?: string): SourceState => ({
  ...{ state, since: at(n) },
  ...(reason ? { reason } : {}),
});

function open() {
  const states = createStates();
  return {
    ...states,
    short: () => JSON.parse(states.texts().short),
    full: () => JSON.parse(states.texts().full),
  };
}

test('kinds and minions are always there; one more family is one more key while it has something to say', () => {
  const states = open();
  states.set('weather', 'north', is('synced'));
  states.set('clouds', 'one', is('stale'));
  states.set('kinds', 'Pod', is('synced'));
  expect(Object.keys(states.full())).toEqual(['complete', 'reason', 'counts', 'kinds', 'minions', 'clouds', 'weather']);
  expect(Object.keys(states.short())).toEqual(['complete', 'reason', 'counts', 'kinds', 'minions', 'clouds']);
  expect(states.set('weather', 'north', is('synced', 5))).toBe(false);
  expect(states.set('clouds', 'one', undefined)).toBe(true);
  expect(states.set('weather', 'north', undefined)).toBe(true);
  expect(states.set('minions', 'n1', undefined)).toBe(false);
  const counts = { kinds: { synced: 1 }, minions: {} };
  expect(states.full()).toEqual({ complete: true, counts, kinds: { Pod: is('synced') }, minions: {} });
  expect(states.short()).toEqual({ complete: true, counts, kinds: {}, minions: {} });
});

describe('complete', () => {
  test('is nothing where nothing was read', () => {
    expect(open().short()).toMatchObject({ complete: false, reason: 'nothing was read yet' });
  });

  test.each<[SourceState['state'], boolean]>([
    ['synced', true],
    ['polled', true],
    ['absent', true],
    ['excluded', true],
    ['syncing', false],
    ['stale', false],
    ['forbidden', false],
    ['unknown', false],
  ])('with a kind that is %s: %s', (state, complete) => {
    const states = open();
    states.set('kinds', 'Pod', is('synced'));
    states.set('kinds', 'Node', is(state));
    expect(states.short().complete).toBe(complete);
    expect(Object.keys(states.short().kinds)).toEqual(complete ? [] : ['Node']);
    expect(Object.keys(states.full().kinds)).toEqual(['Node', 'Pod']);
  });

  test('is not where a group cannot be asked, and says so in one sentence', () => {
    const states = open();
    states.set('kinds', 'Pod', is('synced'));
    states.set('groups', '*', is('synced'));
    states.set('groups', 'dead.example.com/v1', is('unknown', 1, 'no answer'));
    expect(states.short()).toMatchObject({
      complete: false,
      reason: 'groups not known: dead.example.com/v1',
      counts: { groups: { synced: 1, unknown: 1 } },
      groups: { 'dead.example.com/v1': { state: 'unknown' } },
    });
  });

  test('before discovery was answered the reason is the one of the API server as a whole', () => {
    const states = open();
    states.set('groups', '*', is('syncing', 0, 'nothing listens there'));
    for (const type of ['A', 'B', 'C', 'D', 'E']) states.set('kinds', type, is('forbidden'));
    expect(states.short().reason).toBe('nothing listens there; kinds forbidden: A, B, C and 2 more');
  });
});

describe('out of step since', () => {
  test('is from when on anything was, without a gap, and a moment that stays', () => {
    const states = open();
    states.set('kinds', 'Pod', is('synced', 0));
    expect(states.outOfStepSince()).toBeUndefined();
    states.set('kinds', 'Pod', is('stale', 1));
    states.set('kinds', 'Node', is('syncing', 2));
    states.set('kinds', 'Pod', is('synced', 3));
    expect(states.outOfStepSince()).toBe(at(1));
    expect(states.short().since).toBe(at(1));
    states.set('kinds', 'Node', is('synced', 4));
    expect(states.outOfStepSince()).toBeUndefined();
    states.set('groups', '*', is('stale', 5));
    expect(states.outOfStepSince()).toBe(at(5));
  });

  test('what is forbidden, left out, never seen or a minion is not meant', () => {
    const states = open();
    states.set('groups', 'dead.example.com/v1', is('unknown'));
    states.set('kinds', 'Pod', is('forbidden'));
    states.set('kinds', 'Lease', is('excluded'));
    states.set('minions', 'n', is('stale'));
    expect(states.outOfStepSince()).toBeUndefined();
  });

  test('a source that is forgotten is out of step no more', () => {
    const states = open();
    states.set('kinds', 'Pod', is('stale', 1));
    states.set('kinds', 'Pod', undefined);
    expect(states.outOfStepSince()).toBeUndefined();
  });
});

import { expect, test } from 'vitest';
import { createStates } from '../../../../master/graph/engine/states.ts';

const synced = { state: 'synced', since: '2026-01-01T00:00:00.000Z' } as const;

test('kinds and minions are always there; one more family is one more key while it has a source', () => {
  const states = createStates();
  expect(JSON.parse(states.text())).toEqual({ complete: true, kinds: {}, minions: {} });
  states.set('weather', 'north', synced);
  states.set('clouds', 'one', { ...synced, state: 'stale' });
  states.set('kinds', 'Pod', synced);
  expect(states.text()).toBe(
    JSON.stringify({
      complete: false,
      kinds: { Pod: synced },
      minions: {},
      clouds: { one: { ...synced, state: 'stale' } },
      weather: { north: synced },
    }),
  );
  expect(states.set('weather', 'north', { ...synced, since: 'later' })).toBe(false);
  expect(states.set('clouds', 'one', undefined)).toBe(true);
  expect(states.set('weather', 'north', undefined)).toBe(true);
  expect(states.set('minions', 'n1', undefined)).toBe(false);
  expect(JSON.parse(states.text())).toEqual({ complete: true, kinds: { Pod: synced }, minions: {} });
});

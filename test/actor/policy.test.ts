import { describe, expect, test } from 'vitest';
import { checkHours, policyOf, usualPolicy } from '../../actor/policy.ts';

test('without a document nothing may be done', () => {
  expect(policyOf(undefined)).toEqual(usualPolicy);
  expect(policyOf(null).namespaces).toEqual([]);
});

const wrong: readonly [string, unknown, RegExp][] = [
  ['a list', [], /must be an object/],
  ['an unknown field', { namespace: 'shop' }, /^namespace is not a field of a policy: there is namespaces/],
  ['a field of objects', { constructor: {} }, /not a field/],
  ['namespaces that are no list', { namespaces: 'shop' }, /^namespaces: must be a list of names/],
  ['an expression in place of a glob', { namespaces: ['sh.p|x'] }, /^namespaces/],
  ['an unknown action', { actions: ['delete'] }, /^actions: must be a list of set-resources/],
  ['a factor below one', { factors: { up: 0.5 } }, /^factors/],
  ['bounds the wrong way', { bounds: { cpu: ['4', '1'] } }, /^bounds: cpu must be the least and the most/],
  ['bounds of something else', { bounds: { gpu: ['1', '2'] } }, /gpu is none of/],
  ['a time that is none', { hours: [{ from: '25:00', to: '26:00' }] }, /^hours: each must be/],
  ['a zone that is none', { hours: [{ from: '01:00', to: '02:00', zone: 'Mars/Olympus' }] }, /not a time zone/],
  ['a day that is none', { hours: [{ days: ['someday'], from: '01:00', to: '02:00' }] }, /days must be/],
  ['a wait of hours', { within: 100_000 }, /^within/],
  ['text for a switch', { removal: 'yes' }, /^removal/],
];

test.each(wrong)('%s is refused with the field and what it takes', (_what, document, words) => {
  expect(() => policyOf(document)).toThrow(words);
});

describe('hours', () => {
  const within = (hours: object, moment: string) => {
    try {
      checkHours(policyOf({ hours: [hours] }), Date.parse(moment));
      return true;
    } catch {
      return false;
    }
  };

  test.each([
    ['2026-11-27T09:00:00Z', true],
    ['2026-11-27T08:59:59Z', false],
    ['2026-11-27T17:00:00Z', false],
    ['2026-11-28T10:00:00Z', false],
  ])('of workdays: at %s %s', (moment, is) => {
    expect(within({ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:00' }, moment)).toBe(is);
  });

  test.each([
    ['2026-11-27T23:30:00Z', true],
    ['2026-11-28T03:59:00Z', true],
    ['2026-11-28T04:00:00Z', false],
    ['2026-11-28T22:30:00Z', false],
    ['2026-11-27T03:00:00Z', false],
  ])('past midnight belong to the day on which they began: at %s %s', (moment, is) => {
    expect(within({ days: ['fri'], from: '22:00', to: '04:00' }, moment)).toBe(is);
  });

  test('are those of their zone, in summer and in winter', () => {
    const berlin = { from: '09:00', to: '10:00', zone: 'Europe/Berlin' };
    expect([within(berlin, '2026-01-15T08:30:00Z'), within(berlin, '2026-01-15T07:30:00Z')]).toEqual([true, false]);
    expect([within(berlin, '2026-07-15T07:30:00Z'), within(berlin, '2026-07-15T08:30:00Z')]).toEqual([true, false]);
  });
});

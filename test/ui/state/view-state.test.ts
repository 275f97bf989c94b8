import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { families } from '../../../ui/families.ts';
import { outOf } from '../../../ui/state/navigate.ts';
import { parseState, printState, start, subjectOf, type ViewState, viewNames } from '../../../ui/state/view-state.ts';

const state: fc.Arbitrary<ViewState> = fc.record({
  view: fc.constantFrom(...viewNames),
  by: fc.constantFrom('namespace', 'node', 'label:app'),
  namespace: fc.string(),
  application: fc.string(),
  id: fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
  to: fc.string(),
  focus: fc.string(),
  member: fc.string(),
  table: fc.boolean(),
  families: fc.subarray([...families]),
  infrastructure: fc.boolean(),
  size: fc.constantFrom('full', 'name', 'dot'),
  x: fc.nat(10000),
  y: fc.nat(10000),
  at: fc.string(),
  since: fc.string(),
  until: fc.string(),
  kinds: fc.array(fc.string({ minLength: 1 })),
  health: fc.array(fc.string({ minLength: 1 })),
  namespaces: fc.array(fc.string({ minLength: 1 })),
  label: fc.string(),
  text: fc.string(),
  type: fc.string(),
  selector: fc.string(),
  fieldSelector: fc.string(),
  classes: fc.array(fc.string({ minLength: 1 })),
  severities: fc.array(fc.string({ minLength: 1 })),
  finding: fc.string(),
  accepted: fc.string(),
  group: fc.string(),
});

test('a link leads to where it was made', () => {
  fc.assert(
    fc.property(state, (one) => {
      expect(parseState(printState(one))).toEqual(one);
    }),
  );
});

test('whatever stands in a link opens something', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(viewNames).toContain(parseState(`#${text}`).view);
    }),
  );
  expect(parseState('#/nowhere?scroll=-5,x&size=huge&families=none')).toEqual({ ...start, families: [] });
});

test('what is usual is not written', () => {
  expect([printState(start), printState({ ...start, view: 'namespace', namespace: 'shop' })]).toEqual([
    '#/wall',
    '#/namespace?namespace=shop',
  ]);
});

test('focus, scroll and filters are no other subject; another moment is', () => {
  expect(subjectOf({ ...start, focus: 'x', x: 5, kinds: ['Pod'] })).toBe(subjectOf(start));
  expect(subjectOf({ ...start, at: '-5m' })).not.toBe(subjectOf(start));
});

describe('out', () => {
  test.each([
    ['impact', '#/impact?id=Pod%3Ashop%2Fa', '#/around?id=Pod%3Ashop%2Fa&focus=Pod%3Ashop%2Fa'],
    ['a resource', '#/around?id=Pod%3Ashop%2Fa', '#/namespace?namespace=shop&focus=Pod%3Ashop%2Fa'],
    ['a node', '#/around?id=Node%3Aa', '#/wall'],
    [
      'an application',
      '#/lanes?namespace=shop&application=front',
      '#/namespace?namespace=shop&focus=application+front',
    ],
    ['a namespace', '#/namespace?namespace=shop', '#/wall?focus=ResourceGroup%3Ashop'],
  ])('of %s', (_, from, to) => {
    expect(printState(outOf(parseState(from)))).toBe(to);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileSelector, integerOf } from '../../../../master/graph/model/label-selector.ts';
import type { LabelRequirement, LabelSelector } from '../../../../src/model.ts';

const key = fc.constantFrom('app', 'tier', 'constructor', 'toString', 'acme.example.com/size');
const value = fc.constantFrom('', 'a', 'b', '1', '2', '10', '-3', 'x1');
const labels = fc.dictionary(key, value, { noNullPrototype: true });
const requirement: fc.Arbitrary<LabelRequirement> = fc.oneof(
  fc.record({
    key,
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.array(value, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
  fc.record({
    key,
    operator: fc.constantFrom('Gt', 'Lt'),
    values: fc.tuple(fc.constantFrom('1', '2', '-5', '9')),
  }),
);
const selector: fc.Arbitrary<LabelSelector> = fc.record(
  { matchLabels: labels, matchExpressions: fc.array(requirement, { maxLength: 3 }) },
  { requiredKeys: [] },
);

describe('a compiled label selector', () => {
  it('agrees with a plain reading of the Kubernetes rules on every selector and every set of labels', () => {
    fc.assert(
      fc.property(selector, labels, (selector, labels) => {
        expect(compileSelector(selector).matches(labels)).toBe(plainly(selector, labels));
      }),
      { numRuns: 2000 },
    );
  });

  it('demands only what every match carries', () => {
    fc.assert(
      fc.property(selector, labels, (selector, labels) => {
        const compiled = compileSelector(selector);
        fc.pre(compiled.matches(labels));
        for (const { key, values } of compiled.demands) {
          expect(Object.hasOwn(labels, key)).toBe(true);
          if (values) expect(values).toContain(labels[key]);
        }
      }),
    );
  });

  it('demands what matchLabels, In and all that needs a label to be there name', () => {
    const compiled = compileSelector({
      matchLabels: { app: 'shop' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['front'] },
        { key: 'zone', operator: 'In', values: ['a', 'b', 'a'] },
        { key: 'size', operator: 'Exists' },
        { key: 'old', operator: 'DoesNotExist' },
        { key: 'tier', operator: 'NotIn', values: ['back'] },
      ],
    });
    expect(compiled.demands).toEqual([
      { key: 'app', values: ['shop'] },
      { key: 'tier', values: ['front'] },
      { key: 'zone', values: ['a', 'b'] },
      { key: 'size' },
    ]);
  });

  it('matches everything when it is empty, an object without labels included', () => {
    expect(compileSelector({}).matches(undefined)).toBe(true);
    expect(compileSelector({ matchLabels: {}, matchExpressions: [] }).matches({ app: 'shop' })).toBe(true);
  });

  it('does not take what every object inherits for a label', () => {
    const exists = compileSelector({ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] });
    expect(exists.matches({})).toBe(false);
    expect(exists.matches({ constructor: 'acme' } as never)).toBe(true);
  });

  it.each([
    ['an operator nobody knows', { matchExpressions: [{ key: 'a', operator: 'Near', values: ['b'] }] }, 'Near'],
    ['an operator that every object inherits', { matchExpressions: [{ key: 'a', operator: 'valueOf' }] }, 'valueOf'],
    ['no operator', { matchExpressions: [{ key: 'a' }] }, 'operator'],
    ['an empty set', { matchExpressions: [{ key: 'a', operator: 'NotIn', values: [] }] }, 'matchExpressions[0].values'],
    ['values for Exists', { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] }, 'not empty'],
    [
      'a bound that is not an integer',
      { matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1.5'] }] },
      'integer',
    ],
    ['a value that is not a string', { matchLabels: { a: 1 } }, 'matchLabels.a'],
    ['labels that are a list', { matchLabels: ['a'] }, 'matchLabels'],
    ['expressions that are an object', { matchExpressions: { key: 'a' } }, 'matchExpressions'],
    ['an expression that is null', { matchExpressions: [null] }, 'matchExpressions[0].key'],
    ['values that are no list', { matchExpressions: [{ key: 'a', operator: 'In', values: 'b' }] }, 'values'],
  ])('matches nothing and says why where it holds %s', (_, selector, reason) => {
    const compiled = compileSelector(selector as unknown as LabelSelector);
    expect(compiled.invalid).toContain(reason);
    expect(compiled.demands).toEqual([]);
    expect([undefined, {}, { a: 'b' }].map((labels) => compiled.matches(labels))).toEqual([false, false, false]);
  });

  it('compares integers of 64 bits and nothing else', () => {
    expect(['9223372036854775807', '-9223372036854775808', '+7', '007'].map(integerOf)).toEqual([
      9223372036854775807n,
      -9223372036854775808n,
      7n,
      7n,
    ]);
    expect(['9223372036854775808', '1.0', '', ' 1', '0x1', '1e3', '--1'].map(integerOf)).toEqual(
      Array(7).fill(undefined),
    );
  });
});

function plainly(selector: LabelSelector, labels: { [key: string]: string }): boolean {
  const map = new Map(Object.entries(labels));
  const pairs = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => map.get(key) === value);
  return pairs && (selector.matchExpressions ?? []).every((requirement) => holds(requirement, map));
}

function holds({ key, operator, values = [] }: LabelRequirement, labels: Map<string, string>): boolean {
  const value = labels.get(key);
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  if (operator === 'NotIn') return value === undefined || !values.includes(value);
  if (value === undefined) return false;
  if (operator === 'In') return values.includes(value);
  if (!/^-?\d+$/.test(value)) return false;
  return operator === 'Gt' ? Number(value) > Number(values[0]) : Number(value) < Number(values[0]);
}

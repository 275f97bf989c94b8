import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileSelector } from '../../../../master/graph/model/label-selector.ts';
import { parseLabelSelector } from '../../../../master/graph/model/parse-label-selector.ts';
import { Fault } from '../../../../src/errors.ts';
import type { LabelRequirement } from '../../../../src/model.ts';

const parsed = (text: string) => parseLabelSelector(text).matchExpressions ?? [];

describe('the text form of a label selector', () => {
  it.each<[string, LabelRequirement[]]>([
    ['', []],
    ['  ', []],
    ['a', [{ key: 'a', operator: 'Exists' }]],
    ['!a', [{ key: 'a', operator: 'DoesNotExist' }]],
    ['! a', [{ key: 'a', operator: 'DoesNotExist' }]],
    ['a=b', [{ key: 'a', operator: 'In', values: ['b'] }]],
    ['a == b', [{ key: 'a', operator: 'In', values: ['b'] }]],
    ['a!=b', [{ key: 'a', operator: 'NotIn', values: ['b'] }]],
    ['a=', [{ key: 'a', operator: 'In', values: [''] }]],
    [
      'a!=,b',
      [
        { key: 'a', operator: 'NotIn', values: [''] },
        { key: 'b', operator: 'Exists' },
      ],
    ],
    ['a>3', [{ key: 'a', operator: 'Gt', values: ['3'] }]],
    ['a < 3', [{ key: 'a', operator: 'Lt', values: ['3'] }]],
    ['a in (b,c)', [{ key: 'a', operator: 'In', values: ['b', 'c'] }]],
    ['a in(b)', [{ key: 'a', operator: 'In', values: ['b'] }]],
    ['a\tnotin\n( b , c )', [{ key: 'a', operator: 'NotIn', values: ['b', 'c'] }]],
    ['a in (,)', [{ key: 'a', operator: 'In', values: [''] }]],
    ['a in (b,)', [{ key: 'a', operator: 'In', values: ['b', ''] }]],
    ['a in (,b,,c)', [{ key: 'a', operator: 'In', values: ['', 'b', 'c'] }]],
    ['in in (in,notin)', [{ key: 'in', operator: 'In', values: ['in', 'notin'] }]],
    ['notin', [{ key: 'notin', operator: 'Exists' }]],
    ['a=in', [{ key: 'a', operator: 'In', values: ['in'] }]],
    ['app.kubernetes.io/name=shop', [{ key: 'app.kubernetes.io/name', operator: 'In', values: ['shop'] }]],
    [
      'x in (foo,,baz),y,z notin (q)',
      [
        { key: 'x', operator: 'In', values: ['foo', '', 'baz'] },
        { key: 'y', operator: 'Exists' },
        { key: 'z', operator: 'NotIn', values: ['q'] },
      ],
    ],
  ])('reads %j as Kubernetes does', (text, requirements) => {
    expect(parsed(text)).toEqual(requirements);
  });

  it.each([
    ['a,', 3],
    [',a', 1],
    ['a,,b', 3],
    ['a b', 3],
    ['a===b', 4],
    ['a=!b', 3],
    ['!a=b', 3],
    ['!!a', 2],
    ['!', 2],
    ['!=a', 1],
    ['=a', 1],
    ['a in', 5],
    ['a in b', 6],
    ['a in ()', 6],
    ['a in (b', 8],
    ['a in (b c)', 9],
    ['a in (b))', 9],
    ['a in ((b))', 7],
    ['a toString b', 3],
    ['a>', 3],
    ['a>b', 3],
    ['a>1.5', 3],
    ['a>-1', 3],
    ['a<>1', 3],
    ['a/b/c', 1],
    ['/a', 1],
    ['Acme.com/a', 1],
    ['a.b./c', 1],
    ['-a', 1],
    ['é=b', 1],
    ['a=b_', 3],
    ['a=b/c', 3],
    [`a=${'b'.repeat(64)}`, 3],
    [`${'a'.repeat(64)}=b`, 1],
    [`${'a'.repeat(254)}/b`, 1],
    ['a=\u0000', 3],
    ['a=😀', 3],
  ])('refuses %j and names the position', (text, position) => {
    const refusal = refusalOf(() => parseLabelSelector(text));
    expect(refusal.code).toBe('bad_parameter');
    expect(refusal.facts.parameter).toBe('labelSelector');
    expect(refusal.facts.reason).toMatch(new RegExp(`^at position ${position}: `));
  });

  it('names the parameter it was given under', () => {
    expect(refusalOf(() => parseLabelSelector('=', '-l')).facts.parameter).toBe('-l');
  });

  it('reads back whatever requirements are written out, spaces between the tokens or none', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,8}[A-Za-z0-9])?$/);
    const key = fc.oneof(
      name,
      fc.tuple(fc.constantFrom('acme.example.com', 'k8s.io'), name).map((p) => p.join('/')),
    );
    const requirement = fc.oneof(
      fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
      fc.record({
        key,
        operator: fc.constantFrom('In', 'NotIn'),
        values: fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
      }),
      fc.record({ key, operator: fc.constantFrom('Gt', 'Lt'), values: fc.tuple(fc.nat().map(String)) }),
    );
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), fc.constantFrom('', ' ', '\t '), (requirements, gap) => {
        expect(parsed(requirements.map((r) => written(r, gap)).join(`${gap},${gap}`))).toEqual(requirements);
      }),
    );
  });

  it('answers any text with requirements that compile or with a refusal, never with anything else', () => {
    const piece = fc.constantFrom(
      'a',
      'in',
      'notin',
      '(',
      ')',
      ',',
      '!',
      '=',
      '==',
      '!=',
      '<',
      '>',
      ' ',
      '1',
      '\\',
      '"',
      '\ud800',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece).map((all) => all.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          try {
            expect(compileSelector(parseLabelSelector(text)).invalid).toBeUndefined();
          } catch (error) {
            expect(error).toBeInstanceOf(Fault);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

function written({ key, operator, values = [] }: LabelRequirement, gap: string): string {
  if (operator === 'Exists') return key;
  if (operator === 'DoesNotExist') return `!${gap}${key}`;
  if (operator === 'Gt' || operator === 'Lt') return `${key}${gap}${operator === 'Gt' ? '>' : '<'}${gap}${values[0]}`;
  return `${key} ${operator.toLowerCase()}${gap}(${gap}${values.join(`${gap},${gap}`)}${gap})`;
}

function refusalOf(action: () => unknown): Fault {
  try {
    action();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

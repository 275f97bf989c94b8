import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWildcards } from '../../../../master/graph/questions/wildcard.ts';

describe('a list with wildcards', () => {
  it.each([
    ['shop', ['shop'], ['Shop', 'shop2', 'ashop', '']],
    ['kube-*', ['kube-system', 'kube-'], ['kube', 'a-kube-b']],
    ['*-system', ['kube-system'], ['kube-systems']],
    ['*', ['', 'anything'], []],
    ['a*b*c', ['abc', 'a-b-c', 'abbcc'], ['acb', 'ab', 'abcd']],
    ['a*a', ['aa', 'aba'], ['a']],
    ['a**b', ['ab', 'axb'], ['a']],
    ['shop,kube-*', ['shop', 'kube-system'], ['default']],
    ['kube-*,!kube-system', ['kube-public'], ['kube-system', 'shop']],
    ['!kube-*', ['shop'], ['kube-system']],
    [' shop , !kube-*', ['shop'], ['kube-system', 'other']],
    ['a.c', ['a.c'], ['abc']],
    ['[a]', ['[a]'], ['a']],
  ])('%j matches the names it says', (list, yes, no) => {
    const matches = parseWildcards(list, 'namespace');
    expect(yes.filter((name) => !matches(name))).toEqual([]);
    expect(no.filter(matches)).toEqual([]);
  });

  it.each(['', ',', 'a,', ',a', 'a,,b', '!', 'a,!'])('refuses %j, where a place is empty', (list) => {
    expect(() => parseWildcards(list, 'namespace')).toThrow(/Parameter namespace is not valid/);
  });

  it('agrees with the obvious recursive matcher', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (pattern, text) => {
        expect(parseWildcards(pattern, 'q')(text)).toBe(obviously(pattern, text));
      }),
      { numRuns: 3000 },
    );
  });

  it('answers on a pattern that makes a backtracking matcher run for years', () => {
    const matches = parseWildcards(`${'a*'.repeat(500)}b`, 'q');
    expect(matches('a'.repeat(20_000))).toBe(false);
    expect(matches(`${'a'.repeat(20_000)}b`)).toBe(true);
  });
});

function obviously(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] !== '*') return pattern[0] === text[0] && obviously(pattern.slice(1), text.slice(1));
  return obviously(pattern.slice(1), text) || (text !== '' && obviously(pattern, text.slice(1)));
}

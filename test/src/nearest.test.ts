import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { didYouMean, distance, nearest } from '../../src/nearest.ts';

describe('the word that was meant', () => {
  test.each([
    ['imapct', ['tree', 'impact'], 'impact'],
    ['TREE', ['tree'], 'tree'],
    ['deploymnt', ['daemonset', 'deployment'], 'deployment'],
    ['gte', ['get', 'tree'], 'get'],
    ['xy', ['get'], undefined],
    ['frobnicate', ['get', 'tree'], undefined],
    ['', ['get'], undefined],
  ])('%s of %j is %s', (word, words, meant) => {
    expect(nearest(word, words)).toBe(meant);
    expect(didYouMean(word, words)).toBe(meant === undefined ? '' : `; did you mean ${meant}?`);
  });

  test('is found after any one letter was left out, doubled or changed', () => {
    const words = ['namespace', 'selector', 'relation', 'direction', 'health'];
    fc.assert(
      fc.property(fc.constantFrom(...words), fc.nat(20), fc.constantFrom('', 'q', 'zz'), (word, place, letters) => {
        const at = place % word.length;
        expect(nearest(word.slice(0, at) + letters.slice(0, 1) + word.slice(at + 1), words)).toBe(word);
      }),
    );
  });

  test('distance is the same both ways, and nothing only between equals', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 }), (a, b) => {
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { fitted, widthOf } from '../../../../master/views/picture/text.ts';

describe('text in a picture', () => {
  it('is cut to a number of whole characters', () => {
    expect(fitted('redis', 5)).toBe('redis');
    expect(fitted('redis-0', 5)).toBe('redi…');
    expect(fitted('😀😀😀', 2)).toBe('😀…');
  });

  it.each([
    ['', 0],
    ['iiii', 15.2],
    ['aaaa', 25.6],
    ['MMMM', 34],
    ['漢漢漢漢', 42],
    ['a.M漢', 29.2],
  ])('is taken to be as wide as its letters are: %j', (text, width) => {
    expect(widthOf(text, 10)).toBeCloseTo(width);
  });
});

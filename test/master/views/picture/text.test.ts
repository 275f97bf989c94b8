import { describe, expect, it } from 'vitest';
import { fitted, widthOf } from '../../../../master/views/picture/text.ts';

describe('text in a picture', () => {
  it('is cut to a number of characters, not through the middle of one', () => {
    expect(fitted('redis', 5)).toBe('redis');
    expect(fitted('redis-0', 5)).toBe('redi…');
    expect(fitted('😀😀😀', 2)).toBe('😀…');
  });

  it('is taken to be wider the wider its letters are', () => {
    const [narrow, usual, wide, ideographs] = ['iiii', 'aaaa', 'MMMM', '漢漢漢漢'].map((text) => widthOf(text, 10)) as [
      number,
      number,
      number,
      number,
    ];
    expect([narrow < usual, usual < wide, wide < ideographs]).toEqual([true, true, true]);
  });
});

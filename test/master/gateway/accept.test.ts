// Which connection is closed when there are too many unauthenticated ones.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { strangerToDrop } from '../../../master/gateway/accept.ts';

const session = (from: string, proven = false) => ({ from, proven });

describe('one more stranger', () => {
  it('drops no connection while there is room, and never an authenticated one', () => {
    const agents = Array.from({ length: 9 }, () => session('10.0.0.1', true));
    expect(strangerToDrop([...agents, session('10.0.0.9')], 2)).toBeUndefined();
    const stranger = session('10.0.0.9');
    expect(strangerToDrop([...agents, stranger], 1)).toBe(stranger);
  });

  it('drops the oldest of the address that has most', () => {
    const flood = Array.from({ length: 5 }, () => session('10.6.6.6'));
    const agent = session('10.0.0.1');
    expect(strangerToDrop([agent, ...flood], 6)).toBe(flood[0]);
  });

  it('whatever one address opens, the stranger of another stays until it has more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 200 }), (most, opened) => {
        const agent = session('10.0.0.1');
        const open = new Set([agent]);
        for (let i = 0; i < opened; i++) {
          const gone = strangerToDrop(open, most);
          if (gone) open.delete(gone);
          open.add(session('10.6.6.6'));
          expect(open.size).toBeLessThanOrEqual(most);
        }
        if (most > 2) expect(open.has(agent)).toBe(true);
      }),
    );
  });
});

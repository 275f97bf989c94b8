import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  beginning,
  listAgain,
  listFailed,
  listSucceeded,
  type Watching,
  watchEnded,
} from '../../../../master/sources/kubernetes/phase.ts';
import { usualTimes } from '../../../../master/sources/kubernetes/reflector-options.ts';

const failed = (status: number, listing = beginning) => listFailed(listing, { status, reason: 'no' }, usualTimes);
const held = listAgain(beginning, 'expired');
const watching: Watching = {
  ...{ at: 'watching', since: 0, limit: 500, last: '7', watchFrom: 0, fruitless: 0 },
  cursors: [{ namespace: undefined, version: '7' }],
};

describe('a list that failed', () => {
  test.each([
    [403, 'forbidden', false],
    [401, 'forbidden', false],
    [404, 'absent', false],
    [405, 'absent', false],
    [500, 'trouble', false],
    [429, 'trouble', false],
    [0, 'trouble', false],
    [418, 'trouble', false],
  ] as const)('the first, with %i, is %s', (status, tell, empties) => {
    expect(failed(status)).toMatchObject({ tell, empties });
  });

  test('a 403 of what was listed before is believed the third time in a row, and empties it', () => {
    const first = failed(403, held);
    const second = failed(403, first.next);
    const third = failed(403, second.next);
    expect([first.tell, second.tell, third.tell]).toEqual(['trouble', 'trouble', 'forbidden']);
    expect([first.empties, second.empties, third.empties]).toEqual([false, false, true]);
    expect(third.next.holds).toBe(false);
    expect(failed(500, second.next).next.refusals).toBe(0);
  });

  test('a 413 asks for smaller pages down to one object', () => {
    let { next } = failed(413);
    const limits = [next.limit];
    for (let i = 0; i < 6; i++) limits.push(({ next } = failed(413, next)).next.limit);
    expect(limits).toEqual([125, 31, 7, 1, 1, 1, 1]);
  });

  test('a 410 is tried again at once, then with larger pages, at last with all in one', () => {
    let after = failed(410);
    expect(after).toMatchObject({ tell: 'nothing', wait: { ms: 0 }, next: { limit: 500 } });
    const limits = [];
    for (let i = 0; i < 3; i++) limits.push((after = failed(410, after.next)).next.limit);
    expect(limits).toEqual([2000, 8000, 0]);
  });

  test('never makes the wait shorter, whatever came in what order', () => {
    const statuses = fc.array(fc.constantFrom(0, 400, 401, 403, 404, 405, 410, 413, 429, 500, 504), { maxLength: 30 });
    fc.assert(
      fc.property(statuses, fc.boolean(), (all, holds) => {
        let listing = holds ? held : beginning;
        for (const [i, status] of all.entries()) {
          const { next, wait } = failed(status, listing);
          expect(next.failures).toBe(i + 1);
          if ('tries' in wait) expect(wait.tries).toBe(i + 1);
          else expect(wait.ms === 0 ? next.expired : usualTimes.forbiddenRetry).toBe(wait.ms === 0 ? 1 : wait.ms);
          listing = next;
        }
      }),
    );
  });
});

describe('a list that came', () => {
  const cursors = [
    { namespace: 'a', version: '9' },
    { namespace: 'b', version: '12' },
  ];

  test('is watched from its versions, and the highest is remembered', () => {
    const next = listSucceeded(beginning, cursors, { now: 5, watchable: true });
    expect(next).toMatchObject({ at: 'watching', cursors, since: 5, last: '12' });
  });

  test.each([
    ['it cannot be watched', beginning, false],
    ['watching was refused a while ago', { ...beginning, watchFrom: 6 }, true],
  ])('is polled where %s', (_why, listing, watchable) => {
    expect(listSucceeded(listing, cursors, { now: 5, watchable }).at).toBe('polling');
  });
});

describe('a watch that ended', () => {
  const end = { next: 'refused', reason: '', last: '8' } as const;

  test('after it held, is listed as if nothing had been', () => {
    const tired = { ...watching, fruitless: 4 };
    expect(watchEnded(tired, end, usualTimes.calm, usualTimes)).toMatchObject({
      at: 'listing',
      fruitless: 0,
      last: '8',
    });
  });

  test('soon after its list, is one more list that led nowhere', () => {
    const tired = { ...watching, fruitless: 4 };
    expect(watchEnded(tired, end, usualTimes.calm - 1, usualTimes)).toMatchObject({ fruitless: 5, cause: 'refused' });
  });

  test('because it may not be watched, is polled until the right is looked for again', () => {
    const next = watchEnded(watching, { ...end, next: 'poll' }, 100, usualTimes);
    expect(next).toMatchObject({ at: 'polling', watchFrom: 100 + usualTimes.forbiddenRetry });
  });

  test('keeps the highest version, so that the list can be told to be of another history', () => {
    expect(watchEnded(watching, { ...end, last: '3' }, 0, usualTimes).last).toBe('7');
  });
});

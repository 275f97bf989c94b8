import { expect, test } from 'vitest';
import { Epochs } from '../../../../master/graph/model/epochs.ts';
import { Moments } from '../../../../master/graph/model/moments.ts';

const [early, late] = ['2026-11-28T12:00:00.000Z', '2026-11-28T12:00:01.000Z'];

test('those who ask for one time one after the other share it, and it stays until the last has gone', () => {
  const moments = new Moments(new Epochs());
  const [first, second] = [moments.take(early), moments.take(early)];
  expect(second).toBe(first);
  expect(moments.table.size.live).toBe(1);
  moments.release(first);
  expect(moments.timestampOf(second)).toBe(early);
  expect(moments.table.size.live).toBe(1);
  moments.release(second);
  moments.table.reclaim();
  expect(moments.table.size.live).toBe(0);
});

test('another time is another row, and one that has gone is not given again', () => {
  const moments = new Moments(new Epochs());
  const [first, second] = [moments.take(early), moments.take(late)];
  expect([moments.timestampOf(first), moments.timestampOf(second)]).toEqual([early, late]);
  moments.release(second);
  const third = moments.take(late);
  expect(moments.timestampOf(third)).toBe(late);
  moments.table.reclaim();
  expect(moments.table.size.live).toBe(2);
});

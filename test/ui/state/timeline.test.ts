import { expect, test } from 'vitest';
import { clock, gapsOf, nextChange, totalOf } from '../../../ui/state/timeline.ts';

const bucket = (minute: number, changed: number) => ({
  from: `2026-01-01T10:0${minute}:00.000Z`,
  to: `2026-01-01T10:0${minute + 1}:00.000Z`,
  groups: changed === 0 ? {} : { Pod: { added: 1, changed, removed: 0 } },
});
const timeline = {
  from: '2026-01-01T10:00:00.000Z',
  to: '2026-01-01T10:05:00.000Z',
  buckets: [bucket(0, 1), bucket(1, 0), bucket(2, 4), bucket(3, 0), bucket(4, 0)],
  gaps: [],
};

test('from change to change, past the parts in which nothing happened', () => {
  const steps = [
    nextChange(timeline, '', -1),
    nextChange(timeline, '2026-01-01T10:03:00.000Z', -1),
    nextChange(timeline, '2026-01-01T10:01:00.000Z', -1),
    nextChange(timeline, '2026-01-01T10:00:00.000Z', -1),
    nextChange(timeline, '2026-01-01T10:01:00.000Z', 1),
    nextChange(timeline, '', 1),
  ];
  expect(steps).toEqual([
    '2026-01-01T10:03:00.000Z',
    '2026-01-01T10:01:00.000Z',
    // How it was before the first change.
    '2026-01-01T10:00:00.000Z',
    undefined,
    '2026-01-01T10:03:00.000Z',
    undefined,
  ]);
});

test('counts and moments as people read them', () => {
  expect([totalOf(bucket(0, 4)), totalOf(bucket(0, 0)), clock('2026-01-01T10:00:00.123Z'), clock('-15m')]).toEqual([
    5,
    0,
    '2026-01-01 10:00:00 UTC',
    '-15m',
  ]);
});

test('the gaps of an answer are those that its moment lies in, ends included; anything else is none', () => {
  const gaps = [
    { from: '2026-01-01T10:01:00.000Z', to: '2026-01-01T10:02:00.000Z', reason: 'restart' },
    { from: '2026-01-01T10:04:00.000Z', to: '2026-01-01T10:05:00.000Z', reason: 'overload' },
  ];
  const reasons = (at: string) => gapsOf(gaps, at).map(({ reason }) => reason);
  expect(reasons('2026-01-01T10:00:59.999Z')).toEqual([]);
  expect(reasons('2026-01-01T10:01:00.000Z')).toEqual(['restart']);
  expect(reasons('2026-01-01T10:04:30.000Z')).toEqual(['overload']);
  expect(reasons('-15m')).toEqual(['restart', 'overload']);
  expect([gapsOf(undefined, 'now'), gapsOf('no', 'now'), gapsOf({}, '')]).toEqual([[], [], []]);
});

import { expect, test } from 'vitest';
import { timestampOf } from '../../src/clock.ts';

test('a timestamp is RFC 3339 UTC with milliseconds, also on the whole second', () => {
  expect(timestampOf(0)).toBe('1970-01-01T00:00:00.000Z');
  expect(timestampOf(Date.UTC(2026, 10, 20, 16, 58, 32, 123))).toBe('2026-11-20T16:58:32.123Z');
});

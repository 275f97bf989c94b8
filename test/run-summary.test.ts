import { expect, test } from 'vitest';
import { isPassed, noCounts, readCounts, summary } from './run-summary.ts';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((one) => ({ status: one })),
});

test('counts are those of the report', () => {
  const report = {
    success: false,
    testResults: [file('passed', 'passed', 'skipped', 'todo'), file('failed', 'failed', 'passed', 'pending')],
  };
  expect(readCounts(report)).toEqual({ passed: 2, failed: 1, skipped: 3 });
});

test('a file that could not be loaded is a failure though none of its tests is', () => {
  expect(readCounts({ success: false, testResults: [file('failed'), file('passed', 'passed')] })).toMatchObject({
    passed: 1,
    failed: 1,
  });
});

test('an error outside every test is a failure', () => {
  expect(readCounts({ success: false, testResults: [file('passed', 'passed')] })).toMatchObject({ failed: 1 });
});

test('nothing run is no success, and strictly nothing may be skipped', () => {
  expect(isPassed(noCounts, false)).toBe(false);
  expect(isPassed(readCounts({}), false)).toBe(false);
  expect(isPassed({ passed: 3, failed: 0, skipped: 1 }, false)).toBe(true);
  expect(isPassed({ passed: 3, failed: 0, skipped: 1 }, true)).toBe(false);
  expect(isPassed({ passed: 3, failed: 1, skipped: 0 }, false)).toBe(false);
});

test('the last line is plain', () => {
  expect(summary({ passed: 12, failed: 0, skipped: 3 })).toBe('12 passed, 0 failed, 3 skipped');
});

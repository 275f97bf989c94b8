import { expect, test } from 'vitest';
import { badSetting, fault } from '../../src/errors.ts';
import { adviceOn, exitStatusOf } from '../../src/start-errors.ts';

test('what is known gets its advice on the same line', () => {
  const inUse = Object.assign(new Error('listen EADDRINUSE: address already in use 127.0.0.1:5555'), {
    code: 'EADDRINUSE',
  });
  expect(adviceOn(inUse)).toBe(
    'listen EADDRINUSE: address already in use 127.0.0.1:5555: choose another port with CLUSTER_INSIGHT_PORT; 0 takes a free one',
  );
});

test('what is not known is said on one line all the same', () => {
  expect(adviceOn(new Error('two\n  lines'))).toBe('two lines');
  expect(adviceOn('text')).toBe('text');
});

test('settings that cannot be meant exit with 2, all else with 1', () => {
  expect(exitStatusOf(badSetting('A', 'is wrong'))).toBe(2);
  expect(exitStatusOf(fault('internal'))).toBe(1);
  expect(exitStatusOf(undefined)).toBe(1);
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { plainReason } from '../../src/plain-reason.ts';

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

test('says what a system error means', () => {
  expect(plainReason(thrownBy(() => readFileSync('/nowhere/at/all')))).toBe('it does not exist');
  expect(plainReason(thrownBy(() => readFileSync('/')))).toBe('it is a folder');
  expect(plainReason(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }))).toMatch(/^connection refused/);
});

test('finds the code in the cause of a failed fetch', () => {
  const cause = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
  expect(plainReason(new TypeError('fetch failed', { cause }))).toBe('unknown host name');
});

test('gives the first line of anything else', () => {
  expect(plainReason(new Error('one\ntwo'))).toBe('one');
  expect(plainReason(Object.assign(new Error('strange'), { code: 'ESTRANGE' }))).toBe('strange');
  expect(plainReason('text')).toBe('text');
});

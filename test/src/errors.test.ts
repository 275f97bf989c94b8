import { expect, test } from 'vitest';
import { badSetting, type ErrorCode, errors, Fault, failureBody, fault } from '../../src/errors.ts';

const now = '2026-11-20T16:58:32.123Z';

test('a fault carries its code, status, facts and cause, and says them in a sentence', () => {
  const cause = new Error('deep');
  const one = fault('bad_parameter', { parameter: 'limit', reason: 'it must be >= 1' }, cause);
  expect(one).toBeInstanceOf(Fault);
  expect(one.message).toBe('Parameter limit is not valid: it must be >= 1');
  expect([one.code, one.status, one.facts, one.cause]).toEqual([
    'bad_parameter',
    400,
    { parameter: 'limit', reason: 'it must be >= 1' },
    cause,
  ]);
});

test('the failure body of a fault is the contract of failures', () => {
  expect(failureBody(fault('not_found', { path: '/nowhere' }), now)).toEqual({
    success: false,
    timestamp: now,
    error_message: 'There is nothing at /nowhere',
    code: 'not_found',
  });
});

test('errors other than faults reveal nothing', () => {
  for (const error of [new Error('password in /etc/x'), 'text', undefined, null, 7]) {
    expect(failureBody(error, now)).toEqual({
      success: false,
      timestamp: now,
      error_message: errors.internal.template,
      code: 'internal',
    });
  }
});

test('every code has an HTTP failure status and a sentence', () => {
  for (const [code, { status, template }] of Object.entries(errors)) {
    expect(code).toMatch(/^[a-z][a-z_]+$/);
    expect(status, code).toBeGreaterThanOrEqual(400);
    expect(status, code).toBeLessThan(600);
    expect(fault(code as ErrorCode).message, code).toBe(template.replace(/\{(hint|there)\}/g, ''));
    expect(template.length, code).toBeGreaterThan(5);
  }
});

test('facts are written as they are, even where they look like a hole', () => {
  expect(badSetting('A', 'is {setting} and $& too').message).toBe('A is {setting} and $& too');
});

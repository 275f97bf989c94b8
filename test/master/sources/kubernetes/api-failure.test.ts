import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ApiFailure, explain, failureOf, failureOfStatus } from '../../../../master/sources/kubernetes/api-failure.ts';

const recorded = (name: string) =>
  readFileSync(new URL(`../../../../src/demo/recorded/requests/${name}`, import.meta.url));

test('a Status gives its message', () => {
  const failure = failureOf({ status: 403, headers: {}, body: recorded('pods.forbidden.json') });
  expect(failure).toMatchObject({ status: 403, message: expect.stringMatching(/^pods is forbidden: User/) });
});

test.each([
  ['404 page not found\n', '404 page not found'],
  ['', 'the API server answered 404'],
  ['{"no":"message"}', '{"no":"message"}'],
  ['{broken', '{broken'],
])('a body %j gives %j', (body, message) => {
  expect(failureOf({ status: 404, headers: {}, body: Buffer.from(body) }).message).toBe(message);
});

test.each([
  ['7', 7000],
  ['0', 0],
  [undefined, undefined],
  ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
])('Retry-After %j is %j milliseconds', (header, expected) => {
  expect(failureOf({ status: 429, headers: { 'retry-after': header }, body: Buffer.alloc(0) }).retryAfter).toBe(
    expected,
  );
});

test('the Status that ends a watch gives its code, and Expired is 410 whatever the code', () => {
  const expired = { kind: 'Status', message: 'too old resource version: 1 (611)', reason: 'Expired', code: 410 };
  expect(failureOfStatus(expired)).toMatchObject({ status: 410, message: expired.message });
  expect(failureOfStatus({ reason: 'Expired' }).status).toBe(410);
  expect(failureOfStatus({ code: 429, details: { retryAfterSeconds: 2 } })).toMatchObject({
    status: 429,
    retryAfter: 2000,
  });
  expect(failureOfStatus(null).status).toBe(500);
});

test('reasons are words that stay the same while the reason does', () => {
  const refused = (port: number) =>
    Object.assign(new Error(`connect ECONNREFUSED 127.0.0.1:${port}`), { code: 'ECONNREFUSED' });
  expect(explain(refused(1))).toBe(explain(refused(2)));
  expect(explain(Object.assign(new Error('x'), { code: 'ENOTFOUND' }))).toMatch(/cannot be resolved/);
  expect(explain(new ApiFailure(500, 'etcd is away'))).toBe('etcd is away');
  expect(explain(new Error('other'))).toBe('other');
});

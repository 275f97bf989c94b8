import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { decodedId } from '../../src/ids.ts';

describe('an id that was encoded whole', () => {
  it.each([
    ['Pod%3Ashop%2Fredis-0', 'Pod:shop/redis-0'],
    ['deploy%2ffrontend', 'deploy/frontend'],
    ['%40prod%2FPod%3Ashop%2Fa', '@prod/Pod:shop/a'],
  ])('%s is read as %s', (typed, id) => {
    expect(decodedId(typed)).toBe(id);
  });

  it.each(['ClusterRoleBinding:k%2f..', 'Pod:n/k%2F..%00', 'User:a%3Ab', 'frontend', '100%', 'a%2F%zz'])(
    '%s stays',
    (id) => {
      expect(decodedId(id)).toBe(id);
    },
  );
});

test('what has a colon or a slash stays as it is', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(':', '/'), fc.string(), (a, mark, b) => {
      expect(decodedId(a + mark + b)).toBe(a + mark + b);
    }),
  );
});

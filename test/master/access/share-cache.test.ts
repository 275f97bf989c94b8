import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ShareCache } from '../../../master/access/share-cache.ts';

it('holds so much and no more; what one tenant puts in costs that tenant alone', () => {
  const entry = fc.record({ tenant: fc.constantFrom('a', 'b', 'c'), key: fc.nat({ max: 500 }) });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 400 }), fc.integer({ min: 1, max: 60 }), (entries, most) => {
      const cache = new ShareCache<number>(most);
      for (const { tenant, key } of entries) {
        cache.set(tenant, `${tenant} ${key}`, key);
        expect(cache.get(`${tenant} ${key}`)).toBe(key);
      }
      expect(cache.size).toBeLessThanOrEqual(most);
      expect(['a', 'b', 'c'].reduce((sum, tenant) => sum + cache.held(tenant), 0)).toBe(cache.size);
    }),
  );
});

it('keeps what a small tenant has, whatever a large one puts in', () => {
  const cache = new ShareCache<string>(100);
  for (let i = 0; i < 10; i++) cache.set('small', `s${i}`, 'kept');
  for (let i = 0; i < 10_000; i++) cache.set('large', `l${i}`, 'new');
  expect(cache.held('small')).toBe(10);
  expect(cache.get('l9999')).toBe('new');
});

it('forgets what its tenant used least lately', () => {
  const cache = new ShareCache<number>(4);
  for (const key of ['a', 'b', 'c', 'd']) cache.set('t', key, 1);
  cache.get('a');
  cache.set('t', 'e', 1);
  expect(['a', 'b', 'c', 'd', 'e'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true, true, true]);
});

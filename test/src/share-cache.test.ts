import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ShareCache } from '../../src/share-cache.ts';

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

it('weighs what it holds, tells of each value that goes, and holds nothing that is heavier than all may be', () => {
  const entry = fc.record({
    tenant: fc.constantFrom('a', 'b', 'c'),
    key: fc.nat({ max: 40 }),
    weight: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 200 }), (entries) => {
      const there = new Set<object>();
      const dropped = (value: object) => expect(there.delete(value)).toBe(true);
      const cache = new ShareCache<{ readonly weight: number }>(50, { weigh: ({ weight }) => weight, dropped });
      for (const { tenant, key, weight } of entries) {
        const value = { weight };
        there.add(value);
        expect(cache.set(tenant, `${key}`, value)).toBe(weight <= 50);
        expect(cache.get(`${key}`)).toBe(weight <= 50 ? value : undefined);
        expect(cache.weight).toBeLessThanOrEqual(50);
        expect([...there].reduce((sum, one) => sum + (one as { weight: number }).weight, 0)).toBe(cache.weight);
      }
      cache.clear();
      expect([cache.size, cache.weight, there.size]).toEqual([0, 0, 0]);
    }),
  );
});

it('by weight, too, keeps what a small tenant has', () => {
  const cache = new ShareCache<number>(1000, { weigh: (value) => value });
  for (let i = 0; i < 10; i++) cache.set('small', `s${i}`, 20);
  for (let i = 0; i < 1000; i++) cache.set('large', `l${i}`, 1 + ((i * 37) % 300));
  expect(cache.held('small')).toBe(10);
});

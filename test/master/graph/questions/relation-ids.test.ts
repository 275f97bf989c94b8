// Ids of relations.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { relationId } from '../../../../master/graph/questions/relation-ids.ts';
import type { Relation } from '../../../../src/model.ts';
import { createTestApp } from '../../../support/app.ts';
import { kindNamed } from '../../../support/random-cluster.ts';

test('two relations have one id only if they are the same', () => {
  const end = fc.string({ unit: fc.constantFrom('a', ' ', '%', '2', '0', ':') });
  const relation = fc.record({ type: fc.constantFrom('a', 'owns'), source: end, target: end });
  fc.assert(
    fc.property(relation, relation, (one, other) => {
      const same = one.type === other.type && one.source === other.source && one.target === other.target;
      return (relationId(one) === relationId(other)) === same;
    }),
  );
});

test('are given where they are asked for, in every answer that has relations', async () => {
  const { app, store } = createTestApp();
  const metadata = { name: 'a', namespace: 'shop' };
  store.sinkOf(kindNamed('ConfigMap')).event('ADDED', { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  for (const url of [
    '/cluster?ids=true',
    '/cluster?ids=true&reasons=false&limit=100',
    '/cluster/impact?of=Namespace:shop&ids=true',
    '/cluster/path?from=Namespace:shop&to=ConfigMap:shop/a&ids=true',
  ]) {
    const { relations } = (await app.inject(url)).json<{ relations: (Relation & { id?: string })[] }>();
    expect(relations.length, url).toBeGreaterThan(0);
    for (const relation of relations) expect(relation.id, url).toBe(relationId(relation));
  }
  const { relations } = (await app.inject('/cluster')).json<{ relations: object[] }>();
  expect(Object.keys(relations[0] ?? {})).toEqual(['type', 'timestamp', 'source', 'target', 'annotations']);
  await app.close();
});

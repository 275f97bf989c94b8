import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createVertexMap, createVertexSet } from '../../../../master/graph/model/vertex-map.ts';
import { capture, entriesOf } from '../../../../master/graph/revisions/snapshot.ts';
import { createGraph } from '../../../support/random-cluster.ts';
import { createWorld, step } from '../../../support/random-steps.ts';

it('a map by vertices is a map, wherever they are', () => {
  const graph = createGraph();
  const world = createWorld(graph);
  for (const each of fc.sample(step, { seed: 7, numRuns: 60 })) world.run(each);
  const vertices = [...entriesOf(capture(graph.engine))].map(({ vertex }) => vertex);
  expect(new Set(vertices.map(({ namespace }) => namespace)).size).toBeGreaterThan(2);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(vertices.length - 1), fc.nat()), { maxLength: 60 }), (pairs) => {
      const [map, set, plain] = [createVertexMap<number>(), createVertexSet(), new Map<unknown, number>()];
      for (const [nth, value] of pairs) {
        const vertex = vertices[nth] as (typeof vertices)[0];
        map.set(vertex, value);
        set.add(vertex);
        plain.set(vertex, value);
      }
      for (const vertex of vertices) {
        expect(map.get(vertex)).toBe(plain.get(vertex));
        expect([map.has(vertex), set.has(vertex)]).toEqual([plain.has(vertex), plain.has(vertex)]);
      }
      expect(new Set(map.keys())).toEqual(new Set(plain.keys()));
      expect([...set.keys()]).toEqual([...map.keys()]);
    }),
  );
});

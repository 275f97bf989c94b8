// Rules change while objects do: the result equals a fresh start with the final rules.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildGraph } from '../../../master/build-graph.ts';
import { customKind } from '../../../master/kinds/custom.ts';
import type { Declaration } from '../../../master/relations/declared/declaration.ts';
import { silentLogger } from '../../../src/logger.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { graphOf, kindNamed } from '../../support/random-cluster.ts';

const widget = customKind({ group: 'example.com', version: 'v1', kind: 'Widget', plural: 'widgets', namespaced: true });

function open(declarations: readonly Declaration[] = []) {
  const graph = buildGraph({
    clusterName: 'test',
    version: '0',
    namespaces: [],
    keepValues: false,
    logger: silentLogger,
    clock: () => 0,
    declarations,
  });
  graph.names.add(widget);
  graph.store.sinkOf(widget).state('synced');
  graph.store.sinkOf(kindNamed('Secret')).state('synced');
  return graph;
}

const declaration: fc.Arbitrary<Declaration> = fc.constantFrom<Declaration>(
  { rule: 'own-a', from: 'Widget.example.com', name: 'spec.a', to: 'Secret' },
  { rule: 'own-b', from: 'Widget.example.com', name: 'spec.b', to: 'Secret', relation: 'mounts' },
  { rule: 'own-c', from: '*.*', ref: 'spec.c', to: 'Secret' },
  { rule: 'own-d', from: 'Widget.example.com', without: ['names', 'references'] },
  { rule: 'own-e', from: ['Secret', 'Widget.example.com'], label: 'part-of', to: 'Widget.example.com' },
);
const name = fc.constantFrom('x', 'y', 'z');
const step = fc.oneof(
  fc.record({ rules: fc.uniqueArray(declaration, { selector: ({ rule }) => rule ?? '' }) }),
  fc.record({ put: name, a: name, b: name, c: name, secretName: name, part: name }),
  fc.record({ drop: name }),
);
type Step = {
  rules?: Declaration[];
  put?: string;
  drop?: string;
  a?: string;
  b?: string;
  c?: string;
  secretName?: string;
  part?: string;
};

const objectOf = ({ put = '', a, b, c, secretName, part }: Step): KubernetesObject =>
  ({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: put, namespace: 'n', uid: put, labels: { 'part-of': part } },
    spec: { a, b, c: { kind: 'Secret', name: c }, secretName },
  }) as unknown as KubernetesObject;

test('equals a fresh start with the last rules and objects', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const live = open();
      const held = new Map<string, KubernetesObject>();
      let last: readonly Declaration[] = [];
      for (const each of steps as Step[]) {
        if (each.rules) {
          last = each.rules;
          for (const _ of live.declare(last));
        } else if (each.put) {
          held.set(each.put, objectOf(each));
          live.store.sinkOf(widget).event('ADDED', objectOf(each));
        } else if (each.drop && held.delete(each.drop)) {
          live.store.sinkOf(widget).event('DELETED', objectOf({ put: each.drop }));
        }
      }
      const fresh = open(last);
      for (const object of held.values()) fresh.store.sinkOf(widget).event('ADDED', structuredClone(object));
      expect(graphOf(live.engine).relations).toEqual(graphOf(fresh.engine).relations);
    }),
    { numRuns: 100 },
  );
});

test('an object that was prepared by the rules of before is inferred again when it is put', async () => {
  const graph = open();
  const list = graph.store.sinkOf(widget).list({ distrust: true });
  const object = objectOf({ put: 'x', a: 's', part: 'y' });
  await list.page([object]);
  for (const _ of graph.declare([{ rule: 'own-a', from: 'Widget.example.com', name: 'spec.a', to: 'Secret' }]));
  await list.commit('');
  expect(graphOf(graph.engine).relations.map(({ annotations }) => annotations.rule)).toContain('own-a');
});

test.each([
  ['small objects', 100, 10, 2],
  ['few that are large', 6, 300_000, 6],
  ['some of middle size', 12, 100_000, 4],
])('%s are inferred again in turns by their weight', (_, count, size, turns) => {
  const graph = open();
  for (let i = 0; i < count; i++) {
    const object = objectOf({ put: `x${i}`, a: 's' });
    graph.store.sinkOf(widget).event('ADDED', { ...object, data: 'x'.repeat(size) } as KubernetesObject);
  }
  const before = graph.engine.revision;
  const steps = graph.declare([{ rule: 'own-a', from: 'Widget.example.com', name: 'spec.a', to: 'Secret' }]);
  for (const _ of steps);
  expect(graph.engine.revision - before).toBeGreaterThanOrEqual(turns);
});

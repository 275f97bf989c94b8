import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Relation, Resource } from '../../src/model.ts';
import { type Change, ClusterModel, keyOf } from '../../ui/model.ts';
import { graph, type RandomGraph } from './random-graph.ts';

const answerOf = ({ resources, relations }: RandomGraph, revision = 1) => ({
  revision,
  timestamp: 'T',
  resources,
  relations,
});

/** The stream's change between the two graphs. */
function changeBetween(before: RandomGraph, after: RandomGraph): Change {
  const ids = new Map(before.resources.map((each) => [each.id, each]));
  const now = new Set(after.resources.map(({ id }) => id));
  const keys = new Set(before.relations.map(keyOf));
  const nowKeys = new Set(after.relations.map(keyOf));
  return {
    revision: 2,
    timestamp: 'U',
    resources: {
      added: after.resources.filter(({ id }) => !ids.has(id)),
      changed: after.resources.filter(({ id }) => ids.has(id)),
      removed: before.resources.filter(({ id }) => !now.has(id)).map(({ id }) => id),
    },
    relations: {
      added: after.relations.filter((each) => !keys.has(keyOf(each))),
      changed: after.relations.filter((each) => keys.has(keyOf(each))),
      removed: before.relations.filter((each) => !nowKeys.has(keyOf(each))),
    },
  };
}

const contents = (model: ClusterModel) => ({
  resources: model.resources().toSorted((a: Resource, b: Resource) => (a.id < b.id ? -1 : 1)),
  relations: model.relations().toSorted((a: Relation, b: Relation) => (keyOf(a) < keyOf(b) ? -1 : 1)),
});

test('kept by changes it is what an answer of now would make of it', () => {
  fc.assert(
    fc.property(graph, graph, (before, after) => {
      const kept = new ClusterModel();
      kept.load(answerOf(before));
      kept.apply(changeBetween(before, after));
      const fresh = new ClusterModel();
      fresh.load(answerOf(after, 2));
      expect(contents(kept)).toEqual(contents(fresh));
      expect([kept.revision, kept.stale]).toEqual([2, false]);
    }),
  );
});

test('an answer takes the place of whatever was there', () => {
  fc.assert(
    fc.property(graph, graph, (before, after) => {
      const model = new ClusterModel();
      model.load(answerOf(before));
      model.load(answerOf(after, 2));
      const fresh = new ClusterModel();
      fresh.load(answerOf(after, 2));
      expect(contents(model)).toEqual(contents(fresh));
    }),
  );
});

test('a relation with an end that was not loaded is told, and nothing breaks', () => {
  const model = new ClusterModel();
  model.load({ revision: 1, timestamp: 'T', resources: [] });
  const relation = {
    type: 'uses',
    timestamp: 'T',
    source: 'Pod:a/b',
    target: 'Secret:a/c',
    annotations: { label: 'uses', rule: 'r', field: 'f' },
  };
  model.apply({
    revision: 2,
    timestamp: 'U',
    relations: { added: [relation], removed: [relation] },
    resources: { removed: ['Pod:x/y'] },
  });
  expect([model.stale, model.relations(), model.resources()]).toEqual([true, [], []]);
});

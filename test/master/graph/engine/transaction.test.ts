import { expect, test } from 'vitest';
import { createEngine, type Engine } from '../../../../master/graph/engine/engine.ts';
import { bareItem } from '../../../../master/graph/model/bare-item.ts';

function createGraph(): Engine {
  const engine = createEngine({
    clusterName: 'c',
    createdBy: 'test',
    rules: [],
    virtualTypes: new Set(),
    clock: () => 0,
  });
  engine.changes.record();
  return engine;
}

const item = (name: string) => bareItem({ id: `Thing:${name}`, type: 'Thing', name });
const ids = (vertices: Iterable<{ readonly id: string }>) => [...vertices].map(({ id }) => id);

test('a hook is told what the transaction touched, and what it does itself is of the same revision', () => {
  const graph = createGraph();
  const seen: string[][] = [];
  graph.beforeCommit(({ vertices }) => {
    seen.push(ids(vertices));
    for (const { id, present } of vertices) graph.annotate(id, 'there', present || undefined);
  });
  graph.transact(() => {
    graph.put(item('a'));
    graph.transact(() => graph.put(item('b')));
  });
  expect(seen).toEqual([['Thing:a', 'Thing:b']]);
  expect(graph.revision).toBe(1);
  expect(graph.get('Thing:a')?.annotations?.get('there')?.data).toBe(true);
  graph.transact(() => graph.remove('Thing:b'));
  expect(seen[1]).toEqual(['Thing:b']);
  expect(graph.changes.since(1)?.flatMap(({ removedResources }) => ids(removedResources))).toEqual(['Thing:b']);
});

test('what one hook changes is seen by those behind it, until they take their leave', () => {
  const graph = createGraph();
  const seen: string[][] = [];
  graph.beforeCommit(() => graph.put(item('made')));
  const leave = graph.beforeCommit(({ vertices }) => seen.push(ids(vertices)));
  graph.transact(() => graph.put(item('a')));
  leave();
  graph.transact(() => graph.put(item('b')));
  expect(seen).toEqual([['Thing:a', 'Thing:made']]);
});

test('a failing change or hook stops neither the other hooks nor the revision', () => {
  const graph = createGraph();
  let commits = 0;
  graph.beforeCommit(() => {
    throw new Error('the hook');
  });
  graph.beforeCommit(() => graph.put(item('late')));
  graph.afterCommit(() => commits++);
  expect(() => graph.transact(() => graph.put(item('a')))).toThrow('the hook');
  expect(() =>
    graph.transact(() => {
      graph.put(item('b'));
      throw new Error('the change');
    }),
  ).toThrow('the change');
  expect(ids(graph.members('Thing', ''))).toEqual(['Thing:a', 'Thing:late', 'Thing:b']);
  expect([graph.revision, commits]).toEqual([2, 2]);
  expect(() => graph.put(item('c'))).toThrow('only inside a transaction');
});

test('an annotation may come before its resource, is text and data, and says the same only once', () => {
  const graph = createGraph();
  const value = { since: 'then', reason: 'a "quoted" one' };
  graph.transact(() => graph.annotate('Thing:a', 'note', value));
  expect([...graph.annotations()].map(([id]) => id)).toEqual(['Thing:a']);
  graph.transact(() => graph.put(item('a')));
  expect(graph.get('Thing:a')?.annotations?.get('note')?.data).toEqual(value);
  const { revision } = graph;
  graph.transact(() => graph.annotate('Thing:a', 'note', { ...value }));
  expect(graph.revision).toBe(revision);
  const before = graph.get('Thing:a')?.annotations;
  graph.transact(() => graph.annotate('Thing:a', 'earlier', 1));
  expect([...(graph.get('Thing:a')?.annotations?.keys() ?? [])]).toEqual(['earlier', 'note']);
  expect([...(before?.keys() ?? [])]).toEqual(['note']);
  graph.transact(() => {
    graph.annotate('Thing:a', 'note', undefined);
    graph.annotate('Thing:a', 'earlier', undefined);
  });
  expect(graph.get('Thing:a')?.annotations).toBeUndefined();
  expect([...graph.annotations()]).toEqual([]);
});

// The recorded cluster's graph: every relation with its rule and field, checked in and reviewed, after the whole way through
// store and engine.
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../../src/model.ts';
import { createTestApp } from '../../support/app.ts';
import { recordedObjects } from '../../support/hostile-objects.ts';
import { graphOf } from '../../support/random-cluster.ts';

function recordedGraph(order: 'first to last' | 'last to first') {
  const served = createTestApp();
  const objects = recordedObjects();
  for (const { kind, object } of order === 'first to last' ? objects : objects.toReversed()) {
    served.store.sinkOf(kind).event('ADDED', structuredClone(object) as KubernetesObject);
  }
  for (const { kind } of objects) served.store.sinkOf(kind).state('synced');
  return graphOf(served.engine);
}

const flagsOf = ({
  createdBy: _,
  label: __,
  rule,
  field,
  fieldOf,
  reasons: ___,
  ...flags
}: {
  [name: string]: unknown;
}) => `${rule}, ${field} of the ${fieldOf}${Object.keys(flags).length > 0 ? ` ${JSON.stringify(flags)}` : ''}`;

function linesOf({ relations }: ReturnType<typeof recordedGraph>): string[] {
  return relations.map(
    ({ source, type, target, annotations }) =>
      `${source} ${type} ${target}: ${flagsOf(annotations as unknown as { [name: string]: unknown })}`,
  );
}

test('the recorded cluster has exactly the relations that were read by eye', async () => {
  const lines = linesOf(recordedGraph('first to last'));
  expect(lines.length).toBeGreaterThan(400);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../../fixtures/recorded-relations.txt');
});

test('the order in which its objects come does not matter', () => {
  expect(linesOf(recordedGraph('last to first'))).toEqual(linesOf(recordedGraph('first to last')));
});

test('nothing of it is missing: what does not exist are accounts that the API server’s own bindings expect', () => {
  const { resources } = recordedGraph('first to last');
  expect(resources.filter(({ annotations }) => annotations.missing).map(({ id }) => id)).toEqual([]);
  const absent = resources.filter(({ annotations }) => annotations.absent);
  expect(absent.length).toBeGreaterThan(40);
  expect(new Set(absent.map(({ type, annotations }) => `${type} ${annotations.absent}`))).toEqual(
    new Set(['ServiceAccount expected']),
  );
});

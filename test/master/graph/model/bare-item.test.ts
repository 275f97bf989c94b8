import { expect, test } from 'vitest';
import { createEngine } from '../../../../master/graph/engine/engine.ts';
import { bareItem } from '../../../../master/graph/model/bare-item.ts';
import { present } from '../../../../master/graph/questions/select.ts';

test('a resource without costume is shown, goes, and comes back as what it is then', () => {
  const graph = createEngine({
    clusterName: 'c',
    createdBy: 'test',
    rules: [],
    virtualTypes: new Set(),
    clock: () => 0,
  });
  const id = 'Instance:i-1';
  const said = { labels: { tier: 'web' }, fields: { 'status.phase': 'Running' }, properties: '{"size":1}' };
  graph.transact(() => graph.put(bareItem({ id, type: 'Instance', name: 'i-1', ...said })));
  expect(present(graph, id)).toMatchObject({ label: 'i-1', uid: '', controlled: false, ...{ fields: said.fields } });
  const { revision } = graph;
  graph.transact(() => graph.put(bareItem({ id, type: 'Instance', name: 'i-1', ...said, uid: '', controlled: false })));
  expect(graph.revision).toBe(revision);
  graph.transact(() => graph.put(bareItem({ id, type: 'Instance', name: 'i-1' })));
  expect(present(graph, id)).toMatchObject({ labels: undefined, fields: {} });
  expect(graph.propertiesOf(present(graph, id))).toBe('{}');
});

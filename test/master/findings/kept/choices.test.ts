// Rules that use a subset of resources run again when the subset changes, not whenever a resource of the type changes.
import { expect, test } from 'vitest';
import type { Choice, ResourceFindingRule } from '../../../../master/findings/finding-rule.ts';
import { findingRules } from '../../../../master/findings/index.ts';
import { an, findingGraph, service } from '../../../support/finding-graph.ts';

const pattern = findingRules.find(({ name }) => name === 'image-mutable') as ResourceFindingRule;
const marked: Choice = { name: 'marked', types: ['ConfigMap'], of: ({ labels }) => labels?.['mark'] };

function counting(look: ResourceFindingRule['of']) {
  const asked = { times: 0 };
  const rule: ResourceFindingRule = {
    ...pattern,
    name: 'counting',
    types: ['Service'],
    reads: [],
    of(vertex, view) {
      asked.times++;
      return look(vertex, view);
    },
  };
  return { asked, rule };
}

const config = (name: string, mark?: string) =>
  an('ConfigMap', `shop/${name}`, {}, { labels: mark === undefined ? {} : { mark } });

test('whether there is any', () => {
  const { asked, rule } = counting((vertex, view) =>
    view.exists('ConfigMap', 'shop') ? { on: vertex, sentence: 'there is one' } : undefined,
  );
  const graph = findingGraph([service('cart')], { rules: [rule] });
  const said = () => (graph.renew(), [graph.found().length, asked.times]);
  expect(said()).toEqual([0, 1]);
  graph.put(config('a'));
  expect(said()).toEqual([1, 2]);
  graph.put(config('b'), config('a', 'changed'));
  graph.remove(config('a'));
  expect(said()).toEqual([1, 2]);
  graph.remove(config('b'));
  expect(said()).toEqual([0, 3]);
});

test('the chosen resources in order of ids, with their texts', () => {
  const { asked, rule } = counting((vertex, view) => {
    const names = [...view.chosen(marked)].map(({ id, name }) => `${name} ${view.saidOf(marked, id)}`);
    return { on: vertex, sentence: names.join(', ') };
  });
  const graph = findingGraph([service('cart'), config('b', 'one'), config('plain')], { rules: [rule] });
  const said = () => (graph.renew(), [graph.found()[0]?.sentence, asked.times]);
  expect(said()).toEqual(['b one', 1]);
  graph.put(config('plain'), config('b', 'one'));
  expect(said()).toEqual(['b one', 1]);
  graph.put(config('a', 'two'));
  expect(said()).toEqual(['a two, b one', 2]);
  graph.put(config('b', 'three'));
  expect(said()).toEqual(['a two, b three', 3]);
  graph.put(config('a'));
  graph.remove(config('b'));
  expect(said()).toEqual(['', 4]);
});

test('of one resource alone', () => {
  const { asked, rule } = counting((vertex, view) => {
    const said = view.saidOf(marked, 'ConfigMap:shop/a');
    return said === undefined ? undefined : { on: vertex, sentence: said };
  });
  const graph = findingGraph([service('cart')], { rules: [rule] });
  graph.put(config('b', 'no matter'));
  graph.renew();
  expect(asked.times).toBe(1);
  graph.put(config('a', 'here'));
  graph.renew();
  expect([graph.found()[0]?.sentence, asked.times]).toEqual(['here', 2]);
});

test('the distinct texts alone', () => {
  const { asked, rule } = counting((vertex, view) => {
    return { on: vertex, sentence: [...view.valuesOf(marked)].sort().join(', ') };
  });
  const graph = findingGraph([service('cart'), config('a', 'one')], { rules: [rule] });
  const said = () => (graph.renew(), [graph.found()[0]?.sentence, asked.times]);
  expect(said()).toEqual(['one', 1]);
  graph.put(config('b', 'one'), config('plain'));
  expect(said()).toEqual(['one', 1]);
  graph.put(config('b', 'two'));
  expect(said()).toEqual(['one, two', 2]);
  graph.remove(config('a', 'one'));
  expect(said()).toEqual(['two', 3]);
});

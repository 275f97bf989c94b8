import { describe, expect, it } from 'vitest';
import { overLimit } from '../../../master/views/limit.ts';
import type { View, ViewGraph } from '../../../master/views/view.ts';
import { graphOf, relation, resource } from '../../support/shop-graph.ts';
import { finish } from '../../support/steps.ts';

const small: View = {
  name: 'small',
  preference: 1,
  mediaTypes: ['x/y'],
  extension: 'x',
  limit: { resources: 3, relations: 2 },
  write: () => [],
};
const pods = (namespace: string, count: number) =>
  Array.from({ length: count }, (_, i) => resource(`Pod:${namespace}/p${i}`));
const refusal = (graph: ViewGraph, view = small) => {
  const { resources, relations } = graph;
  const size = { resources: resources.length, relations: relations.length };
  return finish(overLimit(view, size, () => ({ ids: resources.map(({ id }) => id), ends: relations })));
};
const told = (graph: ViewGraph) => refusal(graph)?.message;

describe('the limit of a form', () => {
  it('lets through what fits, and everything where there is none', () => {
    expect(refusal(graphOf(pods('a', 3)))).toBeUndefined();
    const { limit: _, ...unlimited } = small;
    expect(refusal(graphOf(pods('a', 100)), unlimited)).toBeUndefined();
  });

  it('names the limit, the size, and the largest namespace that would fit', () => {
    const graph = graphOf([...pods('big', 9), ...pods('mid', 3), ...pods('tiny', 1)]);
    expect(refusal(graph)).toMatchObject({ code: 'form_too_large', status: 413 });
    expect(told(graph)).toContain('at most 3 resources and 2 relations');
    expect(told(graph)).toContain('13 resources and 0 relations');
    expect(told(graph)).toContain('namespace=mid would fit');
  });

  it('counts the relations inside a namespace too', () => {
    const ring = [0, 1, 2].map((i) => relation(`Pod:mid/p${i}`, 'uses', `Pod:mid/p${(i + 1) % 3}`));
    const across = relation('Pod:tiny/p0', 'uses', 'Pod:mid/p0');
    const graph = graphOf([...pods('mid', 3), ...pods('tiny', 1)], [...ring, across]);
    expect(told(graph)).toContain('namespace=tiny would fit');
  });

  it('names a type where no namespace fits, and a root where no type does', () => {
    const nodes = ['n1', 'n2'].map((name) => resource(`Node:${name}`));
    expect(told(graphOf([...pods('big', 9), ...nodes]))).toContain('type=Node would fit');
    expect(told(graphOf(pods('big', 9)))).toContain('root= with depth=1');
  });
});

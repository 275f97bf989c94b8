import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareGraphs, isDifferent } from '../../../cli/compare/compare.ts';
import { failing, parseFailOn } from '../../../cli/compare/fail-on.ts';
import { savedAnswer } from '../../../cli/compare/side.ts';
import { graphOf, relation, resource } from '../../support/shop-graph.ts';

const pod = (name: string, properties: unknown = {}) => ({ ...resource(`Pod:shop/${name}`), properties });
const service = resource('Service:shop/web');
const balances = (name: string, notes: object = {}) => relation(service.id, 'loadBalances', `Pod:shop/${name}`, notes);

describe('two graphs', () => {
  test('that say the same at other times do not differ', () => {
    const a = graphOf([pod('a'), service], [balances('a')]);
    const later = <T extends object>(one: T) => ({ ...one, timestamp: '2027-01-01T00:00:00.000Z' });
    const b = { ...a, resources: a.resources.map(later), relations: a.relations.map(later) };
    expect(isDifferent(compareGraphs(a, b))).toBe(false);
  });

  test('differ by what was added, removed and changed, to the field', () => {
    const a = graphOf(
      [pod('a'), pod('b', { spec: { nodeName: 'x', list: [1, 2] } }), service],
      [balances('a'), balances('b')],
    );
    const b = graphOf(
      [pod('b', { spec: { list: [1, 3], 'a.b': 1 } }), pod('c'), service],
      [balances('b', { ready: false })],
    );
    expect(compareGraphs(a, b)).toEqual({
      resources: [
        { change: 'removed', id: 'Pod:shop/a', type: 'Pod' },
        {
          change: 'changed',
          id: 'Pod:shop/b',
          type: 'Pod',
          fields: [
            { field: 'spec.nodeName', before: 'x' },
            { field: 'spec.list[1]', before: 2, after: 3 },
            { field: 'spec["a.b"]', after: 1 },
          ],
        },
        { change: 'added', id: 'Pod:shop/c', type: 'Pod' },
      ],
      relations: [
        { change: 'removed', type: 'loadBalances', source: service.id, target: 'Pod:shop/a', field: 'spec' },
        {
          change: 'changed',
          type: 'loadBalances',
          source: service.id,
          target: 'Pod:shop/b',
          field: 'spec',
          fields: [{ field: 'ready', after: false }],
        },
      ],
    });
  });

  test('differ where what one of them had is missing in the other', () => {
    const b = graphOf([resource('Pod:shop/a', { missing: true })]);
    const difference = compareGraphs(graphOf([pod('a')]), b);
    expect(difference.resources[0]?.fields).toEqual([{ field: 'annotations.missing', after: true }]);
    expect(failing(difference, parseFailOn(['missing:Pod']))).toBe(1);
    expect(failing(compareGraphs(b, b), parseFailOn(['missing:*']))).toBe(0);
    expect(failing(compareGraphs(graphOf([]), b), parseFailOn(['missing:*']))).toBe(1);
    expect(failing(compareGraphs(b, graphOf([])), parseFailOn(['missing:*']))).toBe(0);
  });

  test('do not differ by fields that are ignored, nor by the name of the cluster', () => {
    const a = graphOf([resource('Cluster:a'), pod('a', { status: { phase: 'Running' }, statusOf: 1 })]);
    const b = graphOf([resource('Cluster:b'), pod('a', { status: { phase: 'Failed' }, statusOf: 2 })]);
    expect(compareGraphs(a, b, ['status']).resources.map(({ fields }) => fields?.map(({ field }) => field))).toEqual([
      ['statusOf'],
    ]);
  });

  test('and the other way round differ by the opposite', () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
    fc.assert(
      fc.property(names, names, (left, right) => {
        const a = graphOf(left.map((name) => pod(name)));
        const b = graphOf(right.map((name) => pod(name)));
        const ids = (list: readonly { readonly change: string; readonly id: string }[], change: string) =>
          list.filter((one) => one.change === change).map(({ id }) => id);
        const there = compareGraphs(a, b).resources;
        const back = compareGraphs(b, a).resources;
        expect(ids(there, 'added')).toEqual(ids(back, 'removed'));
        expect(ids(there, 'removed')).toEqual(
          left
            .filter((name) => !right.includes(name))
            .map((name) => `Pod:shop/${name}`)
            .toSorted(),
        );
      }),
    );
  });
});

describe('--fail-on', () => {
  const difference = compareGraphs(graphOf([pod('a'), service], [balances('a')]), graphOf([service]));

  test.each([
    ['removed:loadBalances', 1],
    ['removed:loadbalances,added:*', 1],
    ['removed:po', 1],
    ['removed:*', 2],
    ['changed:loadBalances,added:Pod', 0],
  ])('%s finds %i', (list, count) => {
    expect(failing(difference, parseFailOn([list]))).toBe(count);
  });

  test.each(['loadBalances', 'removed', 'gone:Pod', 'removed:lodBalances', 'removed:'])(
    '%s could never fail, and is refused',
    (list) => {
      expect(() => parseFailOn([list])).toThrow(/--fail-on/);
    },
  );
});

describe('a saved answer', () => {
  const { resources, relations } = graphOf([pod('a'), service], [balances('a')]);

  test('is known in JSON and in NDJSON', () => {
    expect(savedAnswer([{ success: true, resources, relations }], 'x')).toEqual({ resources, relations });
    expect(savedAnswer([...resources, ...relations, { success: true, resources: 2, relations: 1 }], 'x')).toEqual({
      resources,
      relations,
    });
    expect(savedAnswer([{ apiVersion: 'v1', kind: 'Pod' }], 'x')).toBeUndefined();
  });

  test('that is cut off, or has no relations, is refused', () => {
    expect(() => savedAnswer([...resources, { success: true, resources: 2, relations: 1 }], 'x')).toThrow(
      /part of an answer/,
    );
    expect(() => savedAnswer([{ success: true, resources }], 'x')).toThrow(/without relations/);
  });
});

// What it costs to resolve claims again, counted by how often their rule is looked at.
import { describe, expect, it } from 'vitest';
import type { SourcedReference } from '../../../../master/graph/engine/engine.ts';
import { bareItem } from '../../../../master/graph/model/bare-item.ts';
import { podAccountPullSecret } from '../../../../master/relations/pod-references.ts';
import type { Reference } from '../../../../master/relations/relation.ts';
import { createTestApp } from '../../../support/app.ts';
import { graphOf } from '../../../support/random-cluster.ts';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const key = { index: 'test', key: 'shared' };
const at = { type: 'ConfigMap', namespace: 'n' };
const fact = (value: string, i: number): Reference => ({ states: { ...key, value }, field: `facts[${i}]` });
const filled: Reference = {
  target: { by: 'name', type: 'Secret', namespace: 'n', name: '' },
  field: 'filled',
  when: { given: key, fill: 'name' },
};
const only: Reference = { target: { by: 'key', ...key, only: true }, field: 'only' };

/** A graph in which `waiters` objects each say `waiting`, and one that states facts under the key. */
function open(waiting: Reference, waiters: number) {
  const { engine } = createTestApp();
  let looks = 0;
  const rule: SourcedReference['rule'] = {
    ...podAccountPullSecret,
    get name() {
      looks++;
      return podAccountPullSecret.name;
    },
  };
  const put = (name: string, references: readonly Reference[]) => {
    const said = references.map((reference) => ({ rule, reference }));
    engine.transact(() => engine.put({ ...bareItem({ id: `ConfigMap:n/${name}`, ...at, name }), references: said }));
  };
  for (const i of range(waiters)) put(`w${i}`, [waiting]);
  const looksOf = (run: () => void) => {
    const before = looks;
    run();
    return looks - before;
  };
  return { engine, put, looksOf };
}

const targets = (engine: ReturnType<typeof open>['engine']) => graphOf(engine).relations.map(({ target }) => target);

describe('claims that wait for a key', () => {
  const looksFor = (facts: number, change: 'come' | 'go' | 'are replaced') => {
    const { engine, put, looksOf } = open(filled, 3);
    const state = (word: string) =>
      put(
        'states',
        range(facts).map((i) => fact(`${word}${i}`, i)),
      );
    const come = looksOf(() => state('s'));
    expect(new Set(targets(engine)).size).toBe(facts);
    if (change === 'come') return come;
    const looks = looksOf(() =>
      change === 'go' ? engine.transact(() => engine.remove('ConfigMap:n/states')) : state('other'),
    );
    expect(new Set(targets(engine)).size).toBe(change === 'go' ? 0 : facts);
    return looks;
  };

  it.each(['come', 'go', 'are replaced'] as const)('are looked at once where many facts %s at once', (change) => {
    expect(looksFor(80, change)).toBeLessThanOrEqual(2 * looksFor(40, change) + 20);
  });

  it('are what a graph that was told in one go has, whatever was stated in between', () => {
    const { engine, put } = open(filled, 2);
    for (const facts of [['a', 'b'], ['b'], ['b', 'b', 'c'], [], ['c', 'a']]) put('states', facts.map(fact));
    const fresh = open(filled, 2);
    fresh.put('states', ['c', 'a'].map(fact));
    expect(targets(engine)).toEqual(targets(fresh.engine));
    expect(targets(engine)).toEqual(['Secret:n/a', 'Secret:n/c', 'Secret:n/a', 'Secret:n/c']);
  });
});

describe('values of other objects that are too many to be filled in', () => {
  const told = (engine: ReturnType<typeof open>['engine']) =>
    engine.sources('relations').get('by values of others')?.reason;

  it.each([
    [101, 1, 'cut: 1 value for 1 reference'],
    [140, 3, 'cut: 120 values for 3 references'],
    [500, 2, 'cut: 800 values for 2 references'],
  ])('are counted: %i for each of %i', (facts, waiters, words) => {
    const { engine, put } = open(filled, waiters);
    put(
      'states',
      range(facts).map((i) => fact(`s${i}`, i)),
    );
    expect(targets(engine)).toHaveLength(100 * waiters);
    expect(told(engine)).toBe(`${words}, each takes 100 of what another object names`);
    put(
      'states',
      range(100).map((i) => fact(`s${i}`, i)),
    );
    expect(told(engine)).toBeUndefined();
  });

  it('are no longer counted when those who take them are gone', () => {
    const { engine, put } = open(filled, 2);
    put(
      'states',
      range(130).map((i) => fact(`s${i}`, i)),
    );
    for (const i of range(2)) engine.transact(() => engine.remove(`ConfigMap:n/w${i}`));
    expect(told(engine)).toBeUndefined();
    expect(targets(engine)).toEqual([]);
  });
});

describe('references that may mean several objects', () => {
  it('are told together, by field, and no more once one of them is meant', () => {
    const { engine, put } = open(only, 0);
    put('x', [fact('x', 0)]);
    put('y', [fact('y', 0)]);
    const many = range(30).map((i): Reference => ({ ...only, field: `only[${i}]` }));
    put('asks', many);
    const ambiguous = () =>
      graphOf(engine).resources.find(({ id }) => id === 'ConfigMap:n/asks')?.annotations['ambiguous'];
    expect(Object.keys(ambiguous() as object)).toHaveLength(30);
    expect(Object.values(ambiguous() as object)[0]).toEqual(['ConfigMap:n/x', 'ConfigMap:n/y']);
    engine.transact(() => engine.remove('ConfigMap:n/y'));
    expect(ambiguous()).toBeUndefined();
    expect(targets(engine)).toEqual(['ConfigMap:n/x']);
  });
});

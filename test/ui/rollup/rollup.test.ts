import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Relation, Resource } from '../../../src/model.ts';
import { laneOf, laneTitles } from '../../../ui/layout/lane.ts';
import { mostCards, mostLines } from '../../../ui/rollup/card.ts';
import { commonStart } from '../../../ui/rollup/cards.ts';
import { linesBetween } from '../../../ui/rollup/lines.ts';
import { cut, rollUp } from '../../../ui/rollup/rollup.ts';
import { graph, type RandomGraph } from '../random-graph.ts';

const options = { lanes: laneTitles, lane: (each: Resource) => laneOf(each, () => false), keep: () => true };
const rolled = ({ resources, relations }: RandomGraph, before?: ReadonlyMap<string, string>) =>
  rollUp(resources, relations, { ...options, before });

const resource = (id: string, more: object = {}): Resource => ({
  id,
  type: id.slice(0, id.indexOf(':')),
  timestamp: 'T',
  properties: {},
  annotations: { label: id.slice(id.lastIndexOf('/') + 1), ...more },
});
const relation = (source: string, type: string, target: string): Relation => ({
  source,
  type,
  target,
  timestamp: 'T',
  annotations: { label: type, rule: 'r', field: 'f' },
});

describe('whatever the graph', () => {
  test('every resource is on exactly one card, and every line has two of them for ends', () => {
    fc.assert(
      fc.property(graph, (one) => {
        const { scene, cardOf } = rolled(one);
        const members = scene.cards.flatMap((card) => card.members);
        expect(members.toSorted()).toEqual(one.resources.map(({ id }) => id).toSorted());
        const keys = new Set(scene.cards.map(({ key }) => key));
        expect(keys.size).toBe(scene.cards.length);
        for (const { source, target } of scene.lines)
          expect([keys.has(source), keys.has(target), source !== target]).toEqual([true, true, true]);
        for (const { key, members: own } of scene.cards) for (const id of own) expect(cardOf.get(id)).toBe(key);
        expect(new Set(scene.lines.map(({ key }) => key)).size).toBe(scene.lines.length);
      }),
    );
  });

  test('the order in which it comes makes no difference', () => {
    fc.assert(
      fc.property(graph, (one) => {
        const turned = { resources: one.resources.toReversed(), relations: one.relations.toReversed() };
        const [a, b] = [rolled(one), rolled(turned)];
        const byKey = (x: { key: string }, y: { key: string }) => (x.key < y.key ? -1 : 1);
        expect(b.scene.cards.toSorted(byKey)).toEqual(a.scene.cards.toSorted(byKey));
        expect(b.scene.lines.map(({ key }) => key).toSorted()).toEqual(a.scene.lines.map(({ key }) => key).toSorted());
      }),
    );
  });

  test('what is missing has a card of its own', () => {
    fc.assert(
      fc.property(graph, (one) => {
        const { scene } = rolled(one);
        const missing = one.resources.filter(({ annotations }) => annotations.missing).map(({ id }) => id);
        const shown = missing.map((id) => scene.cards.find(({ key }) => key === id)?.state);
        expect(shown).toEqual(missing.map(() => 'missing'));
      }),
    );
  });

  test('a card that was drawn keeps its key as long as one of its resources stays on it', () => {
    fc.assert(
      fc.property(graph, graph, (before, after) => {
        const first = rolled(before);
        const both = {
          resources: before.resources,
          relations: [
            ...before.relations,
            ...after.relations.filter(({ source, target }) =>
              [source, target].every((id) => before.resources.some((each) => each.id === id)),
            ),
          ],
        };
        const second = rolled(both, first.drawn);
        // Earlier stacks and lone cards: new relations neither merge nor split them, unless the owner changes.
        const kept = [...first.drawn].filter(([card]) => second.drawn.has(card));
        expect(kept.map(([card]) => [card, second.drawn.get(card)])).toEqual(kept);
      }),
    );
  });
});

test('a roll-out changes a bar, not the cards', () => {
  const pods = (set: string, n: number) => Array.from({ length: n }, (_, i) => resource(`Pod:a/${set}-${i}`));
  const graphOf = (sets: readonly [string, number][]) => ({
    resources: [
      resource('Deployment:a/web'),
      ...sets.flatMap(([set, n]) => [resource(`ReplicaSet:a/${set}`), ...pods(set, n)]),
    ],
    relations: sets.flatMap(([set, n]) => [
      relation('Deployment:a/web', 'owns', `ReplicaSet:a/${set}`),
      ...pods(set, n).map(({ id }) => relation(`ReplicaSet:a/${set}`, 'monitors', id)),
    ]),
  });
  const keys = (one: RandomGraph) =>
    rolled(one)
      .scene.cards.map(({ key }) => key)
      .toSorted();
  const before = keys(graphOf([['web-1', 3]]));
  expect(before).toEqual([
    'Deployment:a/web',
    'Pod of ReplicaSet of Deployment:a/web',
    'ReplicaSet of Deployment:a/web',
  ]);
  expect(
    keys(
      graphOf([
        ['web-1', 2],
        ['web-2', 1],
      ]),
    ),
  ).toEqual(before);
  expect(keys(graphOf([['web-2', 3]]))).toEqual(before);
});

test('what a template says is drawn once, at the owner', () => {
  const { scene } = rolled({
    resources: [
      resource('Deployment:a/web'),
      resource('ReplicaSet:a/web-1'),
      resource('Pod:a/web-1-x'),
      resource('Secret:a/key'),
      resource('ConfigMap:a/late'),
    ],
    relations: [
      relation('Deployment:a/web', 'owns', 'ReplicaSet:a/web-1'),
      relation('ReplicaSet:a/web-1', 'monitors', 'Pod:a/web-1-x'),
      ...['Deployment:a/web', 'ReplicaSet:a/web-1', 'Pod:a/web-1-x'].map((id) => relation(id, 'uses', 'Secret:a/key')),
      relation('Pod:a/web-1-x', 'uses', 'ConfigMap:a/late'),
    ],
  });
  expect(scene.lines.filter(({ type }) => type === 'uses').map(({ source, target }) => [source, target])).toEqual([
    ['Deployment:a/web', 'Secret:a/key'],
    ['Pod of ReplicaSet of Deployment:a/web', 'ConfigMap:a/late'],
  ]);
});

test('equal leaves are one stack, and a missing one stays beside it', () => {
  const leaves = ['one', 'two', 'three', 'four'].map((name) => resource(`ConfigMap:a/${name}`));
  const gone = resource('ConfigMap:a/gone', { missing: true });
  const { scene } = rolled({
    resources: [resource('Deployment:a/web'), ...leaves, gone],
    relations: [...leaves, gone].map(({ id }) => relation('Deployment:a/web', 'uses', id)),
  });
  expect(scene.cards.map(({ title, members }) => [title, members.length]).toSorted()).toEqual([
    ['4 ConfigMaps', 4],
    ['gone', 1],
    ['web', 1],
  ]);
});

test('a ring of owners, and a chain without an end, are no trouble', () => {
  const ring = ['a', 'b', 'c'].map((name) => resource(`Job:x/${name}`));
  const { scene } = rolled({
    resources: ring,
    relations: [
      relation('Job:x/a', 'owns', 'Job:x/b'),
      relation('Job:x/b', 'owns', 'Job:x/c'),
      relation('Job:x/c', 'owns', 'Job:x/a'),
    ],
  });
  expect(scene.cards.flatMap(({ members }) => members).toSorted()).toEqual(['Job:x/a', 'Job:x/b', 'Job:x/c']);
});

test('no picture is larger than can be looked at; what is left out is counted, and the worst stays', () => {
  const many = Array.from({ length: mostCards + 5 }, (_, n) => resource(`ConfigMap:a/c${n}`));
  const bad = resource('Pod:a/bad', { health: { state: 'failed', reason: 'x', field: 'f' } });
  const { scene } = rolled({ resources: [...many, bad], relations: [] });
  expect(scene.cards.length).toBe(mostCards);
  expect(scene.cards.some(({ key }) => key === 'Pod:a/bad')).toBe(true);
  expect(scene.leftOut).toEqual([expect.stringMatching(/^6 cards of 1506/)]);
  const [a, b] = scene.cards;
  const line = {
    source: a?.key ?? '',
    target: b?.key ?? '',
    type: 'uses',
    family: 'use' as const,
    count: 1,
    missing: false,
  };
  const lines = Array.from({ length: mostLines + 1 }, (_, n) => ({ ...line, key: String(n) }));
  expect(cut({ ...scene, leftOut: [], lines })).toMatchObject({ leftOut: ['1 line of 3001'] });
});

test('names of a stack are cut at a dash or a dot', () => {
  expect(
    ['web-', '', 'a.b.'].map((_, n) =>
      commonStart(
        [
          ['web-1', 'web-2'],
          ['x', 'y'],
          ['a.b.c', 'a.b.d'],
        ][n] ?? [],
      ),
    ),
  ).toEqual(['web-', '', 'a.b.']);
});

test('only what should exist and does not is drawn as missing', () => {
  const made = (more: object): Relation => ({
    source: 'Pod:a/x',
    type: 'uses',
    target: 'Secret:a/y',
    timestamp: 'T',
    annotations: { label: 'uses', rule: 'r', field: 'f', missing: true, ...more },
  });
  const isMissing = (...relations: Relation[]) => linesBetween(relations, (id) => id)[0]?.missing;
  expect([isMissing(made({})), isMissing(made({ optional: true })), isMissing(made({ absent: 'pending' }))]).toEqual([
    true,
    false,
    false,
  ]);
  expect(isMissing(made({ optional: true }), made({}))).toBe(true);
});

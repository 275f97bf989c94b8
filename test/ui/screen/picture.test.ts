import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClusterModel } from '../../../ui/model.ts';
import { type Picture, Pictures } from '../../../ui/screen/picture.ts';
import { start } from '../../../ui/state/view-state.ts';
import { viewNamed } from '../../../ui/views/index.ts';
import { graph, type RandomGraph } from '../random-graph.ts';

const states = (['lanes', 'wall', 'applications'] as const).map((view) => ({ ...start, view, namespace: 'shop' }));
const answerOf = ({ resources, relations }: RandomGraph, revision: number, timestamp = 'T') => ({
  revision,
  timestamp,
  resources: resources.map((each) => ({ ...each, timestamp })),
  relations,
});
const said = ({ scene, spots, lanes, width, height, path }: Picture) => ({
  scene,
  // Without a card nothing else is drawn.
  ...(scene.cards.length === 0 ? {} : { spots, lanes, width, height }),
  paths: scene.lines.map(path),
});

test('a picture that is kept says what one says that is made again at each change', () => {
  fc.assert(
    fc.property(fc.array(graph, { minLength: 1, maxLength: 6 }), fc.constantFrom(...states), (graphs, state) => {
      const model = new ClusterModel();
      const [kept, made] = [new Pictures(), new Pictures()];
      graphs.forEach((each, n) => {
        model.load(answerOf(each, n));
        for (let again = 0; again < 2; again++) {
          const one = kept.of(viewNamed(state.view), model, state, 900);
          // Another width is another picture.
          made.of(viewNamed(state.view), model, state, 901);
          expect(said(one)).toEqual(said(made.of(viewNamed(state.view), model, state, 900)));
        }
      });
    }),
  );
});

test('where nothing but timestamps changed it is the same picture, and where anything else changed another one', () => {
  fc.assert(
    fc.property(graph, graph, fc.constantFrom(...states), (before, after, state) => {
      const model = new ClusterModel();
      const pictures = new Pictures();
      const draw = () => pictures.of(viewNamed(state.view), model, state, 900);
      model.load(answerOf(before, 1));
      const first = draw();
      model.load(answerOf(before, 2, 'U'));
      const [changed] = before.resources;
      const resources = { changed: before.resources.map((each) => ({ ...each, timestamp: 'V' })) };
      model.apply({ revision: 3, timestamp: 'V', resources, touched: changed ? { [changed.id]: 'W' } : {} });
      expect(draw()).toBe(first);
      expect(pictures.of(viewNamed(state.view), model, state, 901)).not.toBe(first);
      const { version } = model;
      model.load(answerOf(after, 4));
      const isSame = JSON.stringify(sorted(before)) === JSON.stringify(sorted(after));
      expect(model.version === version).toBe(isSame);
    }),
  );
});

const sorted = ({ resources, relations }: RandomGraph) =>
  [...resources, ...relations].map((each) => JSON.stringify(each)).toSorted();

test('laid out anew it is another one', () => {
  const model = new ClusterModel();
  const pictures = new Pictures();
  const [state = start] = states;
  const draw = () => pictures.of(viewNamed('lanes'), model, state, 900);
  model.load({ revision: 1, timestamp: 'T', resources: [] });
  const first = draw();
  expect(draw()).toBe(first);
  pictures.forget(state);
  expect(draw()).not.toBe(first);
});

test.each([
  [11, 'goes its own way'],
  [12, 'shares one trunk with the others'],
])('of a fan of %i lines each %s', (pods, _words) => {
  const model = new ClusterModel();
  // Each in a namespace of its own: alike ones would be a stack.
  const ids = Array.from({ length: pods }, (_, n) => `Pod:n${n}/p`);
  const resource = (id: string) => ({
    id,
    type: id.split(':')[0] ?? '',
    timestamp: 'T',
    properties: {},
    annotations: { label: id },
  });
  model.load({
    revision: 1,
    timestamp: 'T',
    resources: ['Node:n', ...ids].map(resource),
    distances: Object.fromEntries([['Node:n', 0], ...ids.map((id) => [id, 1])]),
    relations: ids.map((target) => ({
      type: 'runs',
      source: 'Node:n',
      target,
      timestamp: 'T',
      annotations: { label: 'runs' },
    })),
  } as never);
  const state = { ...start, view: 'impact', id: 'Node:n' } as const;
  const { scene, path } = new Pictures().of(viewNamed('impact'), model, state, 900);
  expect(scene.lines.length).toBe(pods);
  const trunks = scene.lines.filter((line) => !path(line).includes('C'));
  // The first lies straight ahead.
  expect(trunks.length).toBe(pods >= 12 ? pods : 1);
});

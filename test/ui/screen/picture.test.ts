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

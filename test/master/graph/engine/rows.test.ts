import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGraph, graphOf } from '../../../support/random-cluster.ts';
import { createWorld, step } from '../../../support/random-steps.ts';

type Engine = ReturnType<typeof createGraph>['engine'];

const liveOf = (engine: Engine) =>
  Object.fromEntries(Object.entries(engine.rows()).map(([name, { live }]) => [name, live]));

function removeAll(engine: Engine): void {
  const there = graphOf(engine).resources.map(({ id }) => id);
  engine.transact(() => there.forEach((id) => engine.remove(id)));
}

describe('the tables of the engine', () => {
  it('hold nothing once all objects have gone, whatever came, changed, went and was read before', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(39), fc.nat(39), (steps, from, to) => {
        const graph = createGraph();
        const { engine } = graph;
        const world = createWorld(graph);
        let view: { close(): void } | undefined;
        for (const [n, each] of steps.entries()) {
          if (n === from) view = engine.undoLogs.open();
          if (n === to) view?.close();
          world.run(each);
        }
        view?.close();
        removeAll(engine);
        // The next transaction reuses what was released during reading.
        engine.transact(() => {});
        expect(engine.relations).toBe(0);
        expect(liveOf(engine)).toEqual({ vertices: 0, relations: 0, claims: 0, timestamps: 0, lists: 0 });
      }),
      { numRuns: 300 },
    );
  });

  it('have a row for each relation that there is, and no more', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const graph = createGraph();
        const world = createWorld(graph);
        for (const each of steps) {
          world.run(each);
          expect(graph.engine.rows()['relations']?.live).toBe(graph.engine.relations);
        }
      }),
      { numRuns: 100 },
    );
  });
});

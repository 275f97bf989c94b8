import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathsBetween } from '../../../../master/graph/questions/path.ts';
import { along } from '../../../../master/graph/questions/traverse.ts';
import { plainPaths } from '../../../support/plain-queries.ts';
import { createGraph, graphOf } from '../../../support/random-cluster.ts';
import { createWorld, step } from '../../../support/random-steps.ts';
import { finish } from '../../../support/steps.ts';

const both = along('both');

/** A random graph, and some of its ids. */
function prepared(steps: Parameters<ReturnType<typeof createWorld>['run']>[0][], nths: readonly number[]) {
  const { engine, store } = createGraph();
  const world = createWorld({ store });
  for (const each of steps) world.run(each);
  const whole = graphOf(engine);
  fc.pre(whole.resources.length > 0);
  const ids = nths.map((nth) => whole.resources[nth % whole.resources.length]?.id as string);
  return { engine, whole, ids };
}

describe('paths between two resources', () => {
  it('are all that a search without any cleverness finds, shortest first', () => {
    let found = 0;
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 10, maxLength: 24 }),
        fc.nat(50),
        fc.nat(50),
        fc.integer({ min: 2, max: 4 }),
        (steps, a, b, length) => {
          const { engine, whole, ids } = prepared(steps, [a, b]);
          const options = { step: both, back: both, length, most: 1e6 };
          const { paths, complete, selection } = finish(pathsBetween(engine, ids as [string, string], options));
          expect(complete).toBe(true);
          expect(paths).toEqual(plainPaths(whole, ids[0] as string, ids[1] as string, length));
          const on = new Set([...ids, ...paths.flat()]);
          expect([...selection.entries()].map(({ id }) => id)).toEqual([...on].sort());
          selection.release();
          found += paths.length;
        },
      ),
      { numRuns: 200 },
    );
    expect(found).toBeGreaterThan(50);
  });

  it('are one shortest where no length is given: the first in order', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 12 }), fc.nat(50), fc.nat(50), (steps, a, b) => {
        const { engine, whole, ids } = prepared(steps, [a, b]);
        const options = { step: both, back: both, most: 1 };
        const { paths, selection } = finish(pathsBetween(engine, ids as [string, string], options));
        selection.release();
        const shortest = plainPaths(whole, ids[0] as string, ids[1] as string, 4).slice(0, 1);
        if (shortest.length > 0) expect(paths).toEqual(shortest);
        else expect(paths[0]?.length ?? 9).toBeGreaterThan(5);
      }),
      { numRuns: 200 },
    );
  });

  it('are told up to a number, and it is said that there are more', () => {
    const { engine, store } = createGraph();
    const world = createWorld({ store });
    const names = ['a', 'b', 'c'];
    for (const name of names) {
      const metadata = { name, namespace: 'n1', uid: 'u1', labels: { app: 'x' } };
      const spec = { nodeName: 'a', containers: [{ name: 'main' }] };
      const object = { apiVersion: 'v1', kind: 'Pod', metadata, spec };
      world.run({ do: 'put', write: { type: 'Pod', object } });
    }
    const ask = (most: number) =>
      finish(pathsBetween(engine, ['Node:a', 'Namespace:n1'], { step: both, back: both, length: 2, most }));
    expect(ask(3)).toMatchObject({
      complete: true,
      paths: names.map((name) => ['Node:a', `Pod:n1/${name}`, 'Namespace:n1']),
    });
    expect(ask(2)).toMatchObject({ complete: false, paths: [{ length: 3 }, { length: 3 }] });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Analysis, analyse } from '../../../master/analysis/analyse.ts';

const graph = fc.integer({ min: 1, max: 9 }).chain((resources) =>
  fc.record({
    resources: fc.constant(resources),
    ends: fc
      .array(fc.tuple(fc.nat(resources - 1), fc.nat(resources - 1)), { maxLength: 16 })
      .map((pairs) => Uint32Array.from(pairs.flat())),
  }),
);
type Graph = typeof graph extends fc.Arbitrary<infer T> ? T : never;

/** What can be reached from one vertex, itself included, without passing through `without`. */
function reached({ ends }: Graph, from: number, { both = false, without = -1 } = {}): Set<number> {
  const found = new Set([from]);
  for (const one of found)
    for (let i = 0; i < ends.length; i += 2) {
      const [a = 0, b = 0] = [ends[i], ends[i + 1]];
      if (a === one && b !== without) found.add(b);
      if (both && b === one && a !== without) found.add(a);
    }
  return found;
}

const all = ({ resources }: Graph) => Array.from({ length: resources }, (_, i) => i);
const of = (analysis: Analysis, { resources, ends }: Graph) => analyse({ of: analysis, resources, ends });

describe('an analysis', () => {
  it('finds as cycles all that lead to one another', () => {
    fc.assert(
      fc.property(graph, (made) => {
        const loops = all(made).filter((i) =>
          made.ends.some((end, at) => at % 2 === 0 && end === i && made.ends[at + 1] === i),
        );
        const expected = new Set(
          all(made)
            .map((i) => [...reached(made, i)].filter((j) => reached(made, j).has(i)).sort((a, b) => a - b))
            .filter((circle) => circle.length > 1 || loops.includes(circle[0] ?? -1))
            .map((circle) => circle.join()),
        );
        expect(new Set(of('cycles', made).map(({ resources }) => resources.join()))).toEqual(expected);
      }),
    );
  });

  it('finds as articulations all without which the rest falls apart, and into how many parts', () => {
    fc.assert(
      fc.property(graph, (made) => {
        const expected = new Map<number, number>();
        for (const i of all(made)) {
          const others = [...reached(made, i, { both: true })].filter((j) => j !== i);
          const parts = new Set(others.map((j) => Math.min(...reached(made, j, { both: true, without: i }))));
          if (parts.size > 1) expected.set(i, parts.size);
        }
        expect(new Map(of('articulation', made).map(({ resources, value }) => [resources[0], value]))).toEqual(
          expected,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('finds two communities that one relation connects, always the same, and what lies between them', () => {
    const clique = (from: number) =>
      [0, 1, 2, 3].flatMap((a) => [0, 1, 2, 3].flatMap((b) => (a < b ? [from + a, from + b] : [])));
    const ends = Uint32Array.from([...clique(0), ...clique(4), 3, 4]);
    const communities = of('communities', { resources: 9, ends });
    expect(communities).toEqual([{ resources: [0, 1, 2, 3] }, { resources: [4, 5, 6, 7] }]);
    const [first, second] = of('centrality', { resources: 9, ends });
    expect([first?.resources, second?.resources]).toEqual([[3], [4]]);
    expect(first?.value).toBeGreaterThan(0);
  });
});

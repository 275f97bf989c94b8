// The contract of every view. Each view's test calls this with an independent parser of its format.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { View, ViewGraph } from '../../master/views/view.ts';
import { hostileGraph, textOf } from './hostile-graph.ts';
import { graphOf, relation, resource, shopGraph } from './shop-graph.ts';

/** The parts of a graph that a parser finds in a text. */
export interface Found {
  readonly resources: number;
  readonly relations: number;
}

export interface ViewCasesOptions {
  /** Parses a text with an independent parser; throws if invalid. */
  readonly readBack: (text: string) => Found | Promise<Found>;
  /** The expected parts, if the view leaves out some on purpose. */
  readonly expected?: (graph: ViewGraph) => Found;
  /** Number of runs with names that break writers. */
  readonly runs?: number;
}

const whole = ({ resources, relations }: ViewGraph): Found => ({
  resources: resources.length,
  relations: relations.length,
});
/** A view must be interruptible at least once per this many resources. */
const mostUninterrupted = 512;

export function viewCases(view: View, { readBack, expected = whole, runs = 25 }: ViewCasesOptions): void {
  describe(`the form ${view.name}`, () => {
    test('holds the whole shop, and a graph of nothing is a document too', async () => {
      for (const graph of [shopGraph(), graphOf([])])
        expect(await readBack(await textOf(view, graph))).toEqual(expected(graph));
    });

    test('holds every resource and relation, whatever their names are', async () => {
      await fc.assert(
        fc.asyncProperty(hostileGraph, async (graph) => {
          expect(await readBack(await textOf(view, graph))).toEqual(expected(graph));
        }),
        { numRuns: runs },
      );
    });

    test('gives the same bytes for the same graph', async () => {
      expect(await textOf(view, shopGraph())).toBe(await textOf(view, structuredClone(shopGraph())));
    });

    test('can be interrupted at least with every few hundred resources', async () => {
      const most = Math.min(view.limit?.resources ?? 4_000, 4_000);
      const graph = chainOf(most, Math.min(view.limit?.relations ?? most, most) - 1);
      // Undefined pieces must only be pauses.
      const pieces = [...(await view.write(graph))].length;
      expect(pieces).toBeGreaterThanOrEqual(Math.floor(most / mostUninterrupted));
    });
  });
}

function chainOf(count: number, lines: number): ViewGraph {
  const ids = Array.from({ length: count }, (_, i) => `Pod:shop/p${String(i).padStart(5, '0')}`);
  const links = ids.slice(0, Math.min(lines, count - 1)).map((id, i) => relation(id, 'uses', ids[i + 1] as string));
  return graphOf(
    ids.map((id) => resource(id)),
    links,
  );
}

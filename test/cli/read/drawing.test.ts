import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { compareGraphs, isDifferent } from '../../../cli/compare/compare.ts';
import { formOfDrawing, graphOfDrawing } from '../../../cli/read/drawing.ts';
import { dot } from '../../../master/views/dot.ts';
import { gexf } from '../../../master/views/gexf.ts';
import { graphml } from '../../../master/views/graphml.ts';
import { keysOf } from '../../../master/views/parts/keys.ts';
import { hostileGraph, textOf } from '../../support/hostile-graph.ts';
import { shopGraph } from '../../support/shop-graph.ts';
import { finish } from '../../support/steps.ts';

const drawn = [dot, gexf, graphml];

async function readBack(view: (typeof drawn)[number], graph: Parameters<typeof textOf>[1]) {
  const text = await textOf(view, graph);
  const form = formOfDrawing(text);
  expect(form).toBe(view.name);
  return graphOfDrawing(text, view.name, 'x');
}

describe.each(drawn.map((view) => [view.name, view] as const))('a drawing as %s', (name, view) => {
  it('is read back as the graph that it shows', async () => {
    const read = await readBack(view, shopGraph());
    expect(isDifferent(compareGraphs(shopGraph(), read))).toBe(false);
    expect(read.relations.map(({ annotations }) => annotations.rule)).toEqual(
      expect.arrayContaining(shopGraph().relations.map(({ annotations }) => annotations.rule)),
    );
  });

  it('is read back whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(hostileGraph, async (graph) => {
        const read = await readBack(view, graph);
        const keys = finish(keysOf(graph.resources.map(({ id }) => id)));
        expect(read.resources.map(({ id }) => id).sort()).toEqual([...keys.values()].sort());
        expect(read.relations.map(({ source, target }) => [source, target]).sort()).toEqual(
          graph.relations.map(({ source, target }) => [keys.get(source), keys.get(target)]).sort(),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('whose times are none is read as one of long ago', async () => {
    const graph = shopGraph();
    const [{ timestamp } = { timestamp: '' }] = graph.resources;
    const text = (await textOf(view, graph)).replaceAll(timestamp, 'soon');
    expect(text).toContain('soon');
    const read = await graphOfDrawing(text, view.name, 'x');
    expect(new Set(read.resources.map((each) => each.timestamp))).toEqual(new Set(['1970-01-01T00:00:00.000Z']));
  });

  it('that is cut off is refused by its name', async () => {
    const text = await textOf(view, shopGraph());
    await expect(graphOfDrawing(text.slice(0, -20), view.name, 'saved.x')).rejects.toThrow(
      /saved\.x: .*end is missing/,
    );
  });
});

test.each([
  ['dot', 'digraph { a -> b }'],
  ['graphml', '<graphml><graph edgedefault="directed"><node id="a"/></graph></graphml>'],
  [
    'gexf',
    '<gexf xmlns="http://gexf.net/1.3" version="1.3"><graph defaultedgetype="directed"><nodes><node id="x" label="x"/></nodes><edges></edges></graph></gexf>',
  ],
] as const)('%s of something else is refused', async (form, text) => {
  expect(formOfDrawing(text)).toBe(form);
  await expect(graphOfDrawing(text, form, 'x')).rejects.toThrow(/not an id of a resource/);
});

test.each(['{"a":1}', 'kind: Pod', '<html></html>', '', 'graph: {a: 1}', 'digraphs'])('%j is no drawing', (text) => {
  expect(formOfDrawing(text)).toBeUndefined();
});

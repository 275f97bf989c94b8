import fc from 'fast-check';
import { Window } from 'happy-dom';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mermaid } from '../../../master/views/mermaid.ts';
import { titleOf } from '../../../master/views/parts/display.ts';
import { namespaceOf } from '../../../master/views/parts/namespace.ts';
import type { ViewGraph } from '../../../master/views/view.ts';
import { printable } from '../../../src/printable.ts';
import { hostileGraph, textOf } from '../../support/hostile-graph.ts';
import { graphOf, relation, resource, shopGraph } from '../../support/shop-graph.ts';
import { viewCases } from '../../support/view-cases.ts';

/** The flowchart that mermaid's parser returns; its own types leave it open. */
interface Flowchart {
  getVertices(): Map<string, { readonly id: string; readonly text: string; readonly classes: string[] }>;
  getEdges(): { readonly start: string; readonly end: string; readonly text: string; readonly stroke: string }[];
  getSubGraphs(): { readonly title: string; readonly nodes: string[] }[];
}

// Mermaid's sanitizer needs a document before it is loaded.
const window = new Window();
let read: (text: string) => Promise<Flowchart>;
beforeAll(async () => {
  vi.stubGlobal('window', window);
  vi.stubGlobal('document', window.document);
  const { default: library } = await import('mermaid');
  // The first parsed text registers the kinds of diagrams.
  await library.parse('flowchart LR');
  read = async (text) => (await library.mermaidAPI.getDiagramFromText(text)).db as unknown as Flowchart;
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await window.happyDOM.close();
});

/** Mermaid marks entities internally; this decodes the marks as its renderer does. */
function unmarked(text: string): string {
  return text.replace(/ﬂ°°(\d+)¶ß/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

/** A label has at most 80 characters; an empty one is a blank. */
function shown(text: string): string {
  const characters = [...printable(text)];
  return (characters.length > 80 ? `${characters.slice(0, 79).join('')}…` : characters.join('')).trim();
}

async function readBack(text: string) {
  const flowchart = await read(text);
  const labels = new Map(
    [...flowchart.getVertices().values()].map((vertex) => [vertex.id, unmarked(vertex.text).trim()]),
  );
  return {
    labels: [...labels].sort(([a], [b]) => Number(a.slice(1)) - Number(b.slice(1))).map(([, label]) => label),
    edges: flowchart.getEdges().map(({ start, end, text }) => [start, unmarked(text).trim(), end]),
    frames: flowchart
      .getSubGraphs()
      .map(({ title, nodes }) => [title, nodes.length])
      .sort(),
  };
}

function expectedOf({ resources, relations }: ViewGraph) {
  const numbers = new Map(resources.map(({ id }, i) => [id, `n${i}`]));
  const framed = Map.groupBy(resources, ({ id }) => namespaceOf(id));
  framed.delete(undefined);
  return {
    labels: resources.map((resource) => shown(titleOf(resource))),
    edges: relations.map(({ source, type, target }) => [numbers.get(source), shown(type), numbers.get(target)]),
    frames: [...framed].map(([namespace, members]) => [namespace, members.length]).sort(),
  };
}

viewCases(mermaid, {
  async readBack(text) {
    const { labels, edges } = await readBack(text);
    return { resources: labels.length, relations: edges.length };
  },
});

describe('the graph as a Mermaid flowchart', () => {
  it('is read back by mermaid as the shop', async () => {
    expect(await readBack(await textOf(mermaid, shopGraph()))).toEqual(expectedOf(shopGraph()));
  });

  it('is read back by mermaid as the same graph, whatever the names are', async () => {
    await fc.assert(
      fc.asyncProperty(hostileGraph, async (graph) => {
        expect(await readBack(await textOf(mermaid, graph))).toEqual(expectedOf(graph));
      }),
      { numRuns: 150 },
    );
  });

  it('draws lines to missing or unverified resources dotted', async () => {
    const flowchart = await read(await textOf(mermaid, shopGraph()));
    expect(flowchart.getEdges().filter(({ stroke }) => stroke === 'dotted')).toHaveLength(4);
    const dashed = [...flowchart.getVertices().values()].filter(({ classes }) => classes.includes('dashed'));
    expect(dashed.map(({ text }) => text)).toEqual(['ConfigMap:no-such-settings', 'Secret:credentials']);
  });

  it('stays under the size that mermaid refuses, at its own limit and with long names', async () => {
    const { resources: most, relations: mostRelations } = mermaid.limit;
    const resources = Array.from({ length: most }, (_, i) => resource(`Pod:a-namespace/${'long-name-'.repeat(6)}${i}`));
    const relations = Array.from({ length: mostRelations }, (_, i) =>
      relation(
        resources[i % most]?.id ?? '',
        `loadBalances${Math.floor(i / most)}`,
        resources[(i * 7) % most]?.id ?? '',
      ),
    );
    const text = await textOf(mermaid, graphOf(resources, relations));
    expect(text.length).toBeLessThan(50_000);
    expect((await read(text)).getEdges()).toHaveLength(mostRelations);
  });
});

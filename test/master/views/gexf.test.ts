import fc from 'fast-check';
import { MultiDirectedGraph } from 'graphology';
import { parse } from 'graphology-gexf';
import { describe, expect, it } from 'vitest';
import { gexf } from '../../../master/views/gexf.ts';
import { keysOf } from '../../../master/views/parts/keys.ts';
import { printable } from '../../../src/printable.ts';
import { hostileGraph, textOf } from '../../support/hostile-graph.ts';
import { graphOf, resource, shopGraph } from '../../support/shop-graph.ts';
import { finish } from '../../support/steps.ts';
import { viewCases } from '../../support/view-cases.ts';
import { attribute, type Find, readXml } from '../../support/xml.ts';

function readBack(find: Find) {
  return {
    ids: find('//g:node').map((node) => attribute(node, 'id')),
    edges: find('//g:edge').map((edge) => ['source', 'kind', 'target'].map((name) => attribute(edge, name))),
  };
}

viewCases(gexf, {
  readBack(text) {
    const { ids, edges } = readXml(text, readBack, 'gexf.xsd');
    return { resources: ids.length, relations: edges.length };
  },
});

describe('the graph as GEXF', () => {
  it('is valid by the schema and holds the same graph, whatever the names are', async () => {
    await fc.assert(
      fc.asyncProperty(hostileGraph, async (graph) => {
        const keys = finish(keysOf(graph.resources.map(({ id }) => id)));
        const { ids, edges } = readXml(await textOf(gexf, graph), readBack, 'gexf.xsd');
        expect(ids).toEqual([...keys.values()]);
        expect(edges).toEqual(
          graph.relations.map(({ source, type, target }) => [keys.get(source), printable(type), keys.get(target)]),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('is read by graphology with labels, colours and attributes', async () => {
    const graph = shopGraph();
    const read = parse(MultiDirectedGraph, await textOf(gexf, graph), { allowUndeclaredAttributes: false });
    expect(read.nodes()).toEqual(graph.resources.map(({ id }) => id));
    expect(read.size).toBe(graph.relations.length);
    expect(read.getNodeAttributes('Secret:shop/credentials')).toEqual({
      label: 'Secret:credentials',
      type: 'Secret',
      namespace: 'shop',
      timestamp: '2026-11-20T16:58:32.123Z',
      unverified: true,
      color: 'rgb(194,65,12)',
    });
    expect(read.getEdgeAttributes(read.outEdges('Service:shop/redis', 'Pod:shop/redis-0')[0] as string)).toMatchObject({
      ready: true,
      kind: 'loadBalances',
    });
  });

  it('gives two ids that look the same in XML two keys', async () => {
    const graph = graphOf(
      ['Role:a/x\u0001', 'Role:a/x\u2401', 'Role:a/x\ud800', 'Role:a/x\udc00'].map((id) => resource(id)),
    );
    const { ids } = readXml(await textOf(gexf, graph), readBack, 'gexf.xsd');
    expect(ids).toEqual(['Role:a/x␁ (2)', 'Role:a/x␁', 'Role:a/x\ufffd', 'Role:a/x\ufffd (2)']);
  });

  it('is refused by the schema once an edge ends nowhere', async () => {
    const broken = (await textOf(gexf, shopGraph())).replace(/target="[^"]+"/, 'target="Pod:gone"');
    expect(() => readXml(broken, () => 0, 'gexf.xsd')).toThrow(/Pod:gone/);
  });
});

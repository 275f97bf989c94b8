import fc from 'fast-check';
import { MultiDirectedGraph } from 'graphology';
import { parse } from 'graphology-graphml';
import { describe, expect, it } from 'vitest';
import { graphml } from '../../../master/views/graphml.ts';
import { printable } from '../../../src/printable.ts';
import { hostileGraph, textOf } from '../../support/hostile-graph.ts';
import { graphOf, relation, resource, shopGraph } from '../../support/shop-graph.ts';
import { viewCases } from '../../support/view-cases.ts';
import { attribute, type Find, readXml } from '../../support/xml.ts';

/** Ids of nodes, and relations as triples of ids. */
function readBack(find: Find) {
  const key = (of: string, name: string) =>
    attribute(find(`//m:key[@for='${of}'][@attr.name='${name}']`)[0] as never, 'id');
  const ids = find(`//m:node/m:data[@key='${key('node', 'id')}']`).map(({ content }) => content);
  const types = find(`//m:edge/m:data[@key='${key('edge', 'type')}']`).map(({ content }) => content);
  const end = (value: string) => ids[Number(value.slice(1))];
  const edges = find('//m:edge').map((edge, i) => [
    end(attribute(edge, 'source')),
    types[i],
    end(attribute(edge, 'target')),
  ]);
  return { ids, edges };
}

viewCases(graphml, {
  readBack(text) {
    const { ids, edges } = readXml(text, readBack, 'graphml.xsd');
    return { resources: ids.length, relations: edges.length };
  },
});

describe('the graph as GraphML', () => {
  it('is valid by the schema and holds the same graph, whatever the names are', async () => {
    await fc.assert(
      fc.asyncProperty(hostileGraph, async (graph) => {
        const { ids, edges } = readXml(await textOf(graphml, graph), readBack, 'graphml.xsd');
        expect(ids).toEqual(graph.resources.map(({ id }) => printable(id)));
        expect(edges).toEqual(graph.relations.map(({ source, type, target }) => [source, type, target].map(printable)));
      }),
      { numRuns: 150 },
    );
  });

  it('is read by graphology with every attribute in its type', async () => {
    const graph = shopGraph();
    const read = parse(MultiDirectedGraph, await textOf(graphml, graph), { addMissingNodes: false });
    expect(read.order).toBe(graph.resources.length);
    expect(read.size).toBe(graph.relations.length);
    const byId = new Map(read.mapNodes((key, attributes) => [attributes.id as string, { key, attributes }]));
    expect([...byId.keys()]).toEqual(graph.resources.map(({ id }) => id));
    expect(byId.get('ConfigMap:shop/no-such-settings')?.attributes).toEqual({
      id: 'ConfigMap:shop/no-such-settings',
      type: 'ConfigMap',
      label: 'no-such-settings',
      namespace: 'shop',
      timestamp: '2026-11-20T16:58:32.123Z',
      missing: true,
    });
    const service = byId.get('Service:shop/frontend')?.key as string;
    const pod = byId.get('Pod:shop/frontend-6d9f-8bvqz')?.key as string;
    expect(read.getEdgeAttributes(read.outEdges(service, pod)[0] as string)).toMatchObject({
      type: 'loadBalances',
      ready: false,
      field: 'spec',
    });
  });

  it('keeps numbers as numbers, lists as JSON, and a mixed column as text', async () => {
    const reasons = [{ rule: 'a', field: 'b' }];
    const graph = graphOf(
      [resource('Pod:a/x'), resource('Pod:a/y')],
      [
        relation('Pod:a/x', 'uses', 'Pod:a/y', { weight: 2.5, reasons, mixed: 1 }),
        relation('Pod:a/y', 'uses', 'Pod:a/x', { mixed: 'one' }),
      ],
    );
    const read = parse(MultiDirectedGraph, await textOf(graphml, graph));
    expect(read.getEdgeAttributes(read.outEdges('n0', 'n1')[0] as string)).toMatchObject({
      weight: 2.5,
      reasons: JSON.stringify(reasons),
      mixed: '1',
    });
    expect(read.getEdgeAttributes(read.outEdges('n1', 'n0')[0] as string)).toMatchObject({ mixed: 'one' });
  });

  it('of no resources at all is still a graph', async () => {
    expect(readXml(await textOf(graphml, graphOf([])), (find) => find('//m:graph').length, 'graphml.xsd')).toBe(1);
  });

  it('is refused by the schema once an edge ends nowhere', async () => {
    const broken = (await textOf(graphml, shopGraph())).replace(/target="n\d+"/, 'target="n999"');
    expect(() => readXml(broken, () => 0, 'graphml.xsd')).toThrow(/n999/);
  });
});

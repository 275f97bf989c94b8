import library from 'cytoscape';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cytoscape } from '../../../master/views/cytoscape.ts';
import { hostileGraph, textOf } from '../../support/hostile-graph.ts';
import { graphOf, relation, resource, shopGraph } from '../../support/shop-graph.ts';
import { viewCases } from '../../support/view-cases.ts';

function load(text: string): library.Core {
  return library({ headless: true, ...(JSON.parse(text) as library.CytoscapeOptions) });
}

viewCases(cytoscape, {
  readBack(text) {
    const cy = load(text);
    const found = { resources: cy.nodes().length, relations: cy.edges().length };
    cy.destroy();
    return found;
  },
});

describe('the graph as Cytoscape JSON', () => {
  it('is loaded by cytoscape as the same graph, whatever the names are', async () => {
    await fc.assert(
      fc.asyncProperty(hostileGraph, async (graph) => {
        const cy = load(await textOf(cytoscape, graph));
        const ids = cy.nodes().map((node) => node.id());
        const edges = cy.edges().map((edge) => [edge.data('source'), edge.data('type'), edge.data('target')]);
        cy.destroy();
        expect(ids).toEqual(graph.resources.map(({ id }) => id));
        expect(edges).toEqual(graph.relations.map(({ source, type, target }) => [source, type, target]));
      }),
      { numRuns: 150 },
    );
  });

  it('can be asked by type, namespace and annotation, and walked', async () => {
    const cy = load(await textOf(cytoscape, shopGraph()));
    expect(cy.nodes('[type = "Pod"][namespace = "shop"]').length).toBe(3);
    expect(cy.nodes('[?missing]').map((node) => node.id())).toEqual(['ConfigMap:shop/no-such-settings']);
    const targets = cy.getElementById('Service:shop/redis').outgoers('node');
    expect(targets.map((node) => node.data('name'))).toEqual(['redis-0']);
    expect(cy.data('name')).toBe('demo');
    cy.destroy();
  });

  it('lets no annotation pass for an id, an end or a type', async () => {
    const lie = { id: 'x', source: 'x', target: 'x', type: 'x', name: 'x' };
    const graph = graphOf(
      [resource('Pod:a/x', lie), resource('Pod:a/y')],
      [relation('Pod:a/x', 'uses', 'Pod:a/y', lie)],
    );
    const cy = load(await textOf(cytoscape, graph));
    expect(cy.nodes().map((node) => [node.id(), node.data('type')])).toEqual([
      ['Pod:a/x', 'Pod'],
      ['Pod:a/y', 'Pod'],
    ]);
    expect(cy.edges().map((edge) => [edge.id(), edge.source().id(), edge.target().id()])).toEqual([
      ['e0', 'Pod:a/x', 'Pod:a/y'],
    ]);
    cy.destroy();
  });
});

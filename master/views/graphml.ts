// The graph as GraphML (http://graphml.graphdrawing.org/specification.html), for yEd, Gephi, igraph, NetworkX and the like. A node's
// XML id must be a name token, which our ids are not, so it is a number, and our id is data.
import { type Column, relationColumns, resourceColumns } from './parts/columns.ts';
import { escapeXml } from './parts/xml.ts';
import type { View, ViewGraph } from './view.ts';

export const graphml = {
  name: 'graphml',
  mediaTypes: ['application/graphml+xml'],
  extension: 'graphml',
  limit: { resources: 100_000, relations: 300_000 },
  *write({ resources, relations }: ViewGraph): Iterable<string> {
    const nodeColumns = resourceColumns(resources);
    const edgeColumns = relationColumns(relations);
    const numbers = new Map(resources.map(({ id }, i) => [id, `n${i}`]));
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n';
    yield* keyElements('node', 'v', nodeColumns);
    yield* keyElements('edge', 'e', edgeColumns);
    yield '<graph id="G" edgedefault="directed">\n';
    for (const [i, resource] of resources.entries())
      yield `<node id="n${i}">${dataOf(resource, 'v', nodeColumns)}</node>\n`;
    for (const [i, relation] of relations.entries()) {
      const ends = `source="${numbers.get(relation.source)}" target="${numbers.get(relation.target)}"`;
      yield `<edge id="e${i}" ${ends}>${dataOf(relation, 'e', edgeColumns)}</edge>\n`;
    }
    yield '</graph>\n</graphml>\n';
  },
} as const satisfies View;

function* keyElements(element: 'node' | 'edge', prefix: string, columns: readonly Column<never>[]): Iterable<string> {
  for (const [i, { name, type }] of columns.entries()) {
    yield `<key id="${prefix}${i}" for="${element}" attr.name="${nameToken(name)}" attr.type="${type}"/>\n`;
  }
}

function dataOf<Item>(item: Item, prefix: string, columns: readonly Column<Item>[]): string {
  const parts = columns.map((column, i) => {
    const value = column.of(item);
    return value === undefined ? '' : `<data key="${prefix}${i}">${escapeXml(String(value))}</data>`;
  });
  return parts.join('');
}

/** The schema takes a name token for `attr.name`. */
function nameToken(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/g, '_') || '_';
}

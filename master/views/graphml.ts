// The graph as GraphML (http://graphml.graphdrawing.org/specification.html) for yEd, Gephi, igraph, NetworkX and others.
// XML ids must be name tokens, unlike ours, so a node has a number and our id is data.
import type { Resource } from '../../src/model.ts';
import { every, type Steps } from '../../src/steps.ts';
import { type Column, relationColumns, resourceColumns } from './parts/columns.ts';
import { escapeXml } from './parts/xml.ts';
import type { Pieces, View, ViewGraph } from './view.ts';

/** Resources examined between two pauses. */
const often = 512;

export const graphml = {
  name: 'graphml',
  preference: 4,
  mediaTypes: ['application/graphml+xml'],
  extension: 'graphml',
  limit: { resources: 100_000, relations: 300_000 },
  *write({ resources, relations }: ViewGraph): Pieces {
    const nodeColumns = yield* resourceColumns(resources);
    const edgeColumns = yield* relationColumns(relations);
    const numbers = yield* numbersOf(resources);
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

/** By id. */
function* numbersOf(resources: readonly Resource[]): Steps<ReadonlyMap<string, string>> {
  const numbers = new Map<string, string>();
  const pause = every(often);
  for (const [i, { id }] of resources.entries()) {
    numbers.set(id, `n${i}`);
    if (pause()) yield;
  }
  return numbers;
}

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

/** The schema requires a name token for `attr.name`. */
function nameToken(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/g, '_') || '_';
}

// The graph as GEXF 1.3 (https://gexf.net) for Gephi and similar tools. Ids are ours, so that exports overlap; a number
// distinguishes ids that look equal in XML.
import type { Relation, Resource } from '../../src/model.ts';
import { type Column, relationColumns, resourceColumns } from './parts/columns.ts';
import { titleOf } from './parts/display.ts';
import { keysOf } from './parts/keys.ts';
import { hexColourOf } from './parts/palette.ts';
import { escapeXml } from './parts/xml.ts';
import type { Pieces, View, ViewGraph } from './view.ts';

const opening = `<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">
`;

export const gexf = {
  name: 'gexf',
  preference: 5,
  mediaTypes: ['application/gexf+xml'],
  extension: 'gexf',
  limit: { resources: 100_000, relations: 300_000 },
  *write(graph: ViewGraph): Pieces {
    const { resources, relations } = graph;
    const nodeColumns = (yield* resourceColumns(resources)).filter(({ name }) => name !== 'id' && name !== 'label');
    const edgeColumns = (yield* relationColumns(relations)).filter(({ name }) => name !== 'type');
    const keys = yield* keysOf(resources.map(({ id }) => id));
    yield opening;
    yield metaOf(graph);
    yield '<graph mode="static" defaultedgetype="directed" idtype="string">\n';
    yield* attributesOf('node', nodeColumns);
    yield* attributesOf('edge', edgeColumns);
    yield `<nodes count="${resources.length}">\n`;
    for (const resource of resources) yield nodeOf(resource, keys, nodeColumns);
    yield `</nodes>\n<edges count="${relations.length}">\n`;
    for (const [i, relation] of relations.entries()) yield edgeOf(relation, i, keys, edgeColumns);
    yield '</edges>\n</graph>\n</gexf>\n';
  },
} as const satisfies View;

function metaOf({ clusterName, revision, timestamp }: ViewGraph): string {
  const description = `${clusterName ?? 'cluster'}, revision ${revision}, ${timestamp}`;
  const parts = `<creator>Cluster Insight</creator><description>${escapeXml(description)}</description>`;
  return `<meta lastmodifieddate="${escapeXml(timestamp.slice(0, 10))}">${parts}</meta>\n`;
}

function* attributesOf(element: 'node' | 'edge', columns: readonly Column<never>[]): Iterable<string> {
  yield `<attributes class="${element}">\n`;
  for (const { name, type } of columns) {
    yield `<attribute id="${escapeXml(name)}" title="${escapeXml(name)}" type="${type}"/>\n`;
  }
  yield '</attributes>\n';
}

function nodeOf(resource: Resource, keys: ReadonlyMap<string, string>, columns: readonly Column<Resource>[]): string {
  const id = escapeXml(keys.get(resource.id) ?? resource.id);
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(hexColourOf(resource.type).slice(at, at + 2), 16));
  const colour = `<viz:color r="${red}" g="${green}" b="${blue}"/>`;
  return `<node id="${id}" label="${escapeXml(titleOf(resource))}">${valuesOf(resource, columns)}${colour}</node>\n`;
}

function edgeOf(
  relation: Relation,
  i: number,
  keys: ReadonlyMap<string, string>,
  columns: readonly Column<Relation>[],
): string {
  const [source, target] = [relation.source, relation.target].map((id) => escapeXml(keys.get(id) ?? id));
  const type = escapeXml(relation.type);
  const ends = `id="e${i}" source="${source}" target="${target}"`;
  return `<edge ${ends} kind="${type}" label="${type}">${valuesOf(relation, columns)}</edge>\n`;
}

function valuesOf<Item>(item: Item, columns: readonly Column<Item>[]): string {
  const values = columns.map((column) => {
    const value = column.of(item);
    return value === undefined ? '' : `<attvalue for="${escapeXml(column.name)}" value="${escapeXml(String(value))}"/>`;
  });
  return `<attvalues>${values.join('')}</attvalues>`;
}

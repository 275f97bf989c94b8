// The graph as a Cypher script for Neo4j, Memgraph and similar databases. It uses MERGE, so it can be repeated, and a later
// script updates the data. Labels and relationship types cannot be parameters, so rows are batched by type.
import type { Relation } from '../../src/model.ts';
import { printable } from '../../src/printable.ts';
import { groupedInSteps } from '../../src/steps.ts';
import { type Column, relationColumns, resourceColumns } from './parts/columns.ts';
import type { Pieces, View, ViewGraph } from './view.ts';

const rowsPerStatement = 200;

export const cypher = {
  name: 'cypher',
  preference: 7,
  mediaTypes: ['application/x-cypher', 'text/x-cypher'],
  extension: 'cypher',
  limit: { resources: 100_000, relations: 300_000 },
  *write({ clusterName, revision, timestamp, resources, relations }: ViewGraph): Pieces {
    yield `// ${printable(`${clusterName ?? 'cluster'}, revision ${revision}, ${timestamp}`)}\n`;
    yield 'CREATE CONSTRAINT resource_id IF NOT EXISTS FOR (r:Resource) REQUIRE r.id IS UNIQUE;\n';
    const resourceRow = rowWriter(yield* resourceColumns(resources));
    for (const [type, batch] of batchesOf(yield* groupedInSteps(resources, typeOf)))
      yield mergeResources(type, batch.map(resourceRow));
    const relationRow = rowWriter(yield* relationColumns(relations));
    for (const [type, batch] of batchesOf(yield* groupedInSteps(relations, typeOf)))
      yield mergeRelations(type, batch, relationRow);
  },
} as const satisfies View;

const typeOf = ({ type }: { readonly type: string }) => type;

function* batchesOf<Item>(byType: ReadonlyMap<string, readonly Item[]>): Iterable<[string, readonly Item[]]> {
  for (const type of [...byType.keys()].sort()) {
    const all = byType.get(type) ?? [];
    for (let i = 0; i < all.length; i += rowsPerStatement) yield [type, all.slice(i, i + rowsPerStatement)];
  }
}

function mergeResources(type: string, rows: readonly string[]): string {
  return `UNWIND [\n${rows.join(',\n')}\n] AS row
MERGE (r:Resource {id: row.id})
SET r = row, r:${name(type)};
`;
}

function mergeRelations(type: string, batch: readonly Relation[], rowOf: (relation: Relation) => string): string {
  const rows = batch.map((relation) => {
    return `{source: ${literal(relation.source)}, target: ${literal(relation.target)}, row: ${rowOf(relation)}}`;
  });
  return `UNWIND [\n${rows.join(',\n')}\n] AS edge
MATCH (s:Resource {id: edge.source})
MATCH (t:Resource {id: edge.target})
MERGE (s)-[r:${name(type)}]->(t)
SET r = edge.row;
`;
}

function rowWriter<Item>(columns: readonly Column<Item>[]): (item: Item) => string {
  return (item) => {
    const pairs = columns.map((column) => [column.name, column.of(item)] as const);
    const given = pairs.filter((pair) => pair[1] !== undefined);
    return `{${given.map(([key, value]) => `${name(key)}: ${literal(value)}`).join(', ')}}`;
  };
}

function literal(value: unknown): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  const escaped = String(value)
    .toWellFormed()
    .replace(/[\\'\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
      if (character === '\\' || character === "'") return `\\${character}`;
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
  return `'${escaped}'`;
}

/** Within backticks only a backtick is special, except that Neo4j 4 treats `\u0060` as one even there. */
function name(text: string): string {
  const plain = printable(text).replaceAll('\\', '/');
  return `\`${plain.replaceAll('`', '``') || '_'}\``;
}

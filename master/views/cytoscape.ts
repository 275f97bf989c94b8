// The graph as Cytoscape JSON, which `cytoscape({ elements })` and Cytoscape's desktop program read
// (https://js.cytoscape.org/#notation/elements-json). Selectors can use `type`, `namespace`, `missing` and `color` of its data.
import type { Relation, Resource } from '../../src/model.ts';
import { displayLabel } from './parts/display.ts';
import { namespaceOf } from './parts/namespace.ts';
import { hexColourOf, relationColourOf } from './parts/palette.ts';
import type { View, ViewGraph } from './view.ts';

export const cytoscape = {
  name: 'cytoscape',
  preference: 6,
  mediaTypes: ['application/vnd.cytoscape+json'],
  extension: 'cyjs',
  limit: { resources: 50_000, relations: 150_000 },
  *write({ clusterName, revision, timestamp, resources, relations }: ViewGraph): Iterable<string> {
    const data = JSON.stringify({ name: clusterName ?? 'cluster', revision, timestamp });
    yield `{"format_version":"1.0","generated_by":"cluster-insight","data":${data},"elements":{"nodes":[`;
    for (const [i, resource] of resources.entries()) yield `${i ? ',' : ''}\n${JSON.stringify(nodeOf(resource))}`;
    yield '\n],"edges":[';
    for (const [i, relation] of relations.entries()) yield `${i ? ',' : ''}\n${JSON.stringify(edgeOf(relation, i))}`;
    yield '\n]}}\n';
  },
} as const satisfies View;

function nodeOf({ id, type, timestamp, annotations }: Resource): object {
  const namespace = namespaceOf(id);
  // Our fields last: no annotation may replace an id.
  const own = { id, type, name: displayLabel(annotations), ...(namespace ? { namespace } : {}), timestamp };
  return { data: { ...annotations, ...own, color: hexColourOf(type) } };
}

function edgeOf({ source, target, type, timestamp, annotations }: Relation, i: number): object {
  // Cytoscape needs ids distinct from nodes; all our ids contain a colon.
  const own = { id: `e${i}`, source, target, type, interaction: type, timestamp };
  return { data: { ...annotations, ...own, color: relationColourOf(type) } };
}

// What a resource of one cluster states, in the ids of the graph of all clusters.
import type { GraphReader, Item, SourcedReference } from '../graph/engine/engine.ts';
import { saidByFlags } from '../graph/model/flags.ts';
import type { Claim, Edge, Vertex } from '../graph/model/vertex.ts';
import { itemOf } from '../graph/replication/item-of-vertex.ts';
import type { NameEnd } from '../relations/relation.ts';
import { exported, exportType, importType } from './service-exports.ts';

type IdOf = (vertex: Vertex) => string;

/** As the cluster's own graph resolved it: relations lead to the same resources. */
export function fleetItem(
  graph: Pick<GraphReader, 'propertiesOf'>,
  vertex: Vertex,
  spoken: readonly Spoken[],
  idOf: IdOf,
): Item {
  const references = spoken.map((each) => referenceOf(vertex, each, idOf));
  if (vertex.type === exportType) references.push(exportOf(vertex));
  return { ...itemOf(graph, vertex), id: idOf(vertex), references };
}

/** Of the imports of its name and namespace in every cluster. */
function exportOf({ namespace, name }: Vertex): SourcedReference {
  const target = { by: 'labels', type: importType, namespaces: { in: [namespace] }, selector: {} } as const;
  return { rule: exported, reference: { field: 'metadata.name', target: { ...target, names: [name] } } };
}

function referenceOf(speaker: Vertex, { claim, edge }: Spoken, idOf: IdOf): SourcedReference {
  const { rule, field, flags, notes } = claim.reason;
  return {
    rule,
    reference: {
      field,
      ...(edge.source === speaker ? {} : { source: endOf(edge.source, idOf) }),
      ...(edge.target === speaker ? {} : { target: endOf(edge.target, idOf) }),
      ...saidByFlags(flags),
      ...(notes ? { notes } : {}),
    },
  };
}

function endOf(vertex: Vertex, idOf: IdOf): NameEnd {
  const id = idOf(vertex);
  const { namespace, name } = vertex;
  const type = id.startsWith('Cluster:') ? 'Cluster' : vertex.type;
  return { by: 'name', type, name, ...(namespace ? { namespace } : {}), id };
}

/** A claim of a resource and the edge it led to. */
export interface Spoken {
  readonly claim: Claim;
  readonly edge: Edge;
}

/** The claims that the resource states itself, about its own relations and those between others. */
export function spokenBy(vertex: Vertex): Spoken[] {
  const found: Spoken[] = [];
  const own = (edge: Edge) => {
    for (const claim of edge.claims) if (claim.speaker === vertex) found.push({ claim, edge });
  };
  for (const { edges } of vertex.out) edges.forEach(own);
  for (const edge of vertex.in) if (edge.source !== vertex) own(edge);
  for (const claim of vertex.claims) {
    const { edge } = claim;
    if (edge && edge.source !== vertex && edge.target !== vertex) found.push({ claim, edge });
  }
  return found.sort(compareSpoken);
}

/** A stable order, independent of which claim came first. */
function compareSpoken(a: Spoken, b: Spoken): number {
  const [left, right] = [keyOf(a), keyOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function keyOf({ claim: { reason }, edge }: Spoken): string {
  return `${reason.rule.name} ${reason.field} ${edge.source.id} ${edge.target.id}`;
}

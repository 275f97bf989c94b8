// Restores from a vertex the item that was passed to `put`.

import type { End } from '../../relations/relation.ts';
import type { GraphReader, Item, SourcedReference } from '../engine/engine.ts';
import { saidByFlags } from '../model/flags.ts';
import type { SpokenClaim, Vertex } from '../model/vertex.ts';

export function itemOf(graph: Pick<GraphReader, 'propertiesOf'>, vertex: Vertex): Item {
  const { id, type, namespace, name, uid, resourceVersion, label, alternateLabel, labels } = vertex;
  const { controlled, fields, ownHealth: health, mark } = vertex;
  const said = { id, type, namespace, name, uid, resourceVersion, label, alternateLabel, labels };
  const asked = { controlled, fields, health, mark };
  return { ...said, ...asked, properties: graph.propertiesOf(vertex), references: vertex.claims.map(saidOf) };
}

function saidOf(claim: SpokenClaim): SourcedReference {
  const { rule, field, flags, notes } = claim.reason;
  const [source, target] = endsOf(claim);
  return {
    rule,
    reference: {
      field,
      ...(source ? { source } : {}),
      ...(target ? { target } : {}),
      ...saidByFlags(flags),
      ...(notes ? { notes } : {}),
      ...(claim.ends?.states ? { states: claim.ends.states } : {}),
      ...(claim.ends?.when ? { when: claim.ends.when } : {}),
    },
  };
}

/** A fixed claim stores only its edge; the speaker is the default end. */
function endsOf({ ends, edge, speaker }: SpokenClaim): [End | undefined, End | undefined] {
  if (ends) return [ends.source, ends.target];
  if (!edge) return [undefined, undefined];
  return [edge.source, edge.target].map((vertex) => (vertex === speaker ? undefined : named(vertex))) as [
    End | undefined,
    End | undefined,
  ];
}

/** The id without type and namespace: a container's name is prefixed by its Pod's. */
function named({ id, type, namespace, name: own }: Vertex): End {
  if (id.startsWith('@')) return { by: 'name', type, name: own, ...(namespace ? { namespace } : {}), id };
  const path = id.slice(type.length + 1);
  const name = namespace ? path.slice(namespace.length + 1) : path;
  return { by: 'name', type, name, ...(namespace ? { namespace } : {}) };
}

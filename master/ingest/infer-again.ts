// Repeats inference after rules were added or removed, from the stored objects, a few at a time.
import type { KubernetesObject } from '../../src/model.ts';
import type { Steps } from '../../src/steps.ts';
import type { GraphReader, GraphWriter, SourcedReference } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { itemOf } from '../graph/replication/item-of-vertex.ts';
import type { Rule } from '../relations/relation.ts';
import type { Infer } from './infer.ts';
import { isAsked } from './rules-of-type.ts';

export interface InferAgainParts {
  readonly graph: GraphReader;
  readonly writer: GraphWriter;
  readonly infer: Infer;
}

/** Objects per revision. */
const slice = 50;

/** Visits only kinds that a changed rule reads. Returns the number of objects whose references changed. */
export function* inferAgain({ graph, writer, infer }: InferAgainParts, changed: readonly Rule[]): Steps<number> {
  let count = 0;
  const kinds = graph.sources('kinds');
  const types = [...graph.counts().keys()].filter(
    (type) => kinds.has(type) && changed.some((rule) => isAsked(rule, type)),
  );
  for (const type of types) {
    for (const namespace of [...graph.namespacesOf(type)]) {
      const all = [...graph.members(type, namespace)];
      for (let i = 0; i < all.length; i += slice) {
        writer.transact(() => {
          for (const vertex of all.slice(i, i + slice)) if (renew(vertex)) count++;
        });
        yield;
      }
    }
  }
  return count;

  function renew(vertex: Vertex): boolean {
    if (!vertex.present) return false;
    const references = infer(vertex.type, JSON.parse(graph.propertiesOf(vertex)) as KubernetesObject);
    if (saysTheSame(vertex, references)) return false;
    writer.put({ ...itemOf(graph, vertex), references });
    return true;
  }
}

/** Rules are pure: the same rules on the same fields give the same references. */
function saysTheSame({ claims }: Vertex, references: readonly SourcedReference[]): boolean {
  if (claims.length !== references.length) return false;
  return claims.every(
    ({ reason }, i) => reason.rule === references[i]?.rule && reason.field === references[i].reference.field,
  );
}

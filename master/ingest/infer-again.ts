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
/** What objects of a revision weigh together before the last of them: characters of their text, and more for each reference. */
const sliceWeight = 256_000;
const weightOfReference = 200;

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
      for (let i = 0; i < all.length; ) {
        writer.transact(() => {
          let weight = 0;
          for (let n = 0; n < slice && weight < sliceWeight && i < all.length; n++) weight += renew(all[i++]);
        });
        yield;
      }
    }
  }
  return count;

  /** Returns what it weighed. */
  function renew(vertex: Vertex | undefined): number {
    if (!vertex?.present) return 0;
    const text = graph.propertiesOf(vertex);
    const references = infer(vertex.type, JSON.parse(text) as KubernetesObject);
    if (!saysTheSame(vertex, references)) {
      writer.put({ ...itemOf(graph, vertex), references });
      count++;
    }
    return text.length + references.length * weightOfReference;
  }
}

/** Rules are pure: the same rules on the same fields give the same references. */
function saysTheSame({ claims }: Vertex, references: readonly SourcedReference[]): boolean {
  if (claims.length !== references.length) return false;
  return claims.every(
    ({ reason }, i) => reason.rule === references[i]?.rule && reason.field === references[i].reference.field,
  );
}

// `removed relation loadBalances`, `added relation uses`, `last relation loadBalances of Service removed`. Fields of
// watched relations are stored, to report them after removal.
import { isRecord } from '../../../src/fields.ts';
import { every, type Steps } from '../../../src/steps.ts';
import type { ProofStep } from '../../findings/contract.ts';
import type { Edge, Vertex } from '../../graph/model/vertex.ts';
import type { RelationEnds } from '../../graph/revisions/changes.ts';
import { rootOf } from '../../topology/root-of.ts';
import type { ParsedChange } from './change-rule.ts';
import type { ChangeWatch, Told, WatchedGraph } from './watch.ts';

type RelationChangeRule = Extract<ParsedChange['change'], { what: 'relation' }>;

const mostReasons = 200_000;
const often = 64;

export function watchRelations(
  graph: WatchedGraph,
  rule: RelationChangeRule,
  isIn: (namespace: string) => boolean,
): ChangeWatch {
  const { turn, relation, from, to } = rule;
  const reasons = new Map<string, string>();
  const isMeant = ({ type, source, target }: RelationEnds) =>
    relation(type) &&
    (isIn(source.namespace) || isIn(target.namespace)) &&
    (turn === 'last' ? (from?.(source.type) ?? true) || (from?.(target.type) ?? true) : endsMatch(source, target));
  const endsMatch = (source: Told, target: Told) => (from?.(source.type) ?? true) && (to?.(target.type) ?? true);
  const stands = (ends: RelationEnds) => edgeOf(graph, ends) !== undefined;

  function note(ends: RelationEnds, field: string): void {
    if (reasons.size < mostReasons) reasons.set(keyOf(ends), field);
  }

  function proofOf(ends: RelationEnds, field: string | undefined): ProofStep {
    const step = { from: ends.source.id, to: ends.target.id, type: ends.type };
    return field === undefined || field === '' ? step : { ...step, field };
  }

  function told({ source }: RelationEnds): Told {
    const vertex = graph.get(source.id);
    return vertex?.present ? rootOf(vertex) : source;
  }

  /** The end in `of` that has none left. */
  function bereft({ type, source, target }: RelationEnds): Told | undefined {
    const [out, into] = [graph.get(source.id), graph.get(target.id)];
    if ((from?.(source.type) ?? true) && out?.present && !hasOut(out, type)) return source;
    if (from?.(target.type) && into?.present && !into.in.some((each) => each.type === type)) return target;
    return undefined;
  }

  return {
    *begin(): Steps<void> {
      if (turn === 'added') return;
      const pause = every(often);
      for (const vertex of everyVertex(graph)) {
        for (const { edges } of vertex.out) {
          for (const edge of edges) {
            if (relation(edge.type) && isMeant(edge)) note(edge, fieldOf(edge));
            if (pause()) yield;
          }
        }
        if (pause()) yield;
      }
    },
    isSo({ resource, affected }) {
      if (turn !== 'last') return true;
      const vertex = graph.get(resource);
      if (!vertex?.present || affected.count === 0) return false;
      const isOf = ({ type }: { readonly type: string }) => relation(type);
      return !vertex.out.some(({ edges }) => edges.some(isOf)) && !vertex.in.some(isOf);
    },
    take({ relations, removedRelations, removedResources }, tell) {
      if (turn === 'last') for (const { id, type } of removedResources) if (from?.(type)) tell.end(id);
      for (const changed of relations) {
        if (!relation(changed.type) || !isMeant(changed)) continue;
        const field = fieldIn(changed.text);
        if (turn !== 'added') note(changed, field ?? '');
        if (!changed.added || !stands(changed)) continue;
        if (turn === 'added')
          tell.begin({ on: told(changed), path: [proofOf(changed, field)], affected: [changed.target.id] });
        else if (turn === 'last')
          for (const { id, type } of [changed.source, changed.target]) if (from?.(type)) tell.end(id);
      }
      for (const ends of removedRelations) {
        if (turn === 'added' || !relation(ends.type) || !isMeant(ends)) continue;
        const field = reasons.get(keyOf(ends));
        reasons.delete(keyOf(ends));
        if (stands(ends)) continue;
        const on = turn === 'removed' ? told(ends) : bereft(ends);
        const other = on?.id === ends.target.id ? ends.source.id : ends.target.id;
        if (on) tell.begin({ on, path: [proofOf(ends, field)], affected: [other] });
      }
    },
  };
}

function* everyVertex(graph: WatchedGraph): Generator<Vertex> {
  for (const type of [...graph.counts().keys()])
    for (const namespace of [...graph.namespacesOf(type)]) yield* [...graph.members(type, namespace)];
}

function hasOut(vertex: Vertex, relation: string): boolean {
  return vertex.out.some(({ edges }) => edges.some(({ type }) => type === relation));
}

function edgeOf(graph: WatchedGraph, { source, target, type }: RelationEnds): Edge | undefined {
  for (const { edges } of graph.get(source.id)?.out ?? [])
    for (const edge of edges) if (edge.type === type && edge.target.id === target.id) return edge;
  return undefined;
}

function keyOf({ source, type, target }: RelationEnds): string {
  return `${source.id}\n${type}\n${target.id}`;
}

/** The first one in text order. */
function fieldOf({ claims }: Edge): string {
  const all = claims === undefined ? [] : Array.isArray(claims) ? claims : [claims];
  return all.map(({ reason }) => reason.field).toSorted()[0] ?? '';
}

function fieldIn(text: string): string | undefined {
  const read: unknown = JSON.parse(text.slice(0, text.lastIndexOf('}') + 1));
  const annotations = isRecord(read) ? read['annotations'] : undefined;
  const field = isRecord(annotations) ? annotations['field'] : undefined;
  return typeof field === 'string' ? field : undefined;
}

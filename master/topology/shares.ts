// How many of the needed resources are lost: "2 of 3 Pods".
import type { Steps } from '../../src/steps.ts';
import { every } from '../../src/steps.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import { notReadyFlag, readyFlag } from '../graph/model/vertex.ts';
import type { ReadView } from '../graph/revisions/read-view.ts';
import type { Dependents } from './dependents.ts';

export interface Share {
  readonly lost: number;
  readonly of: number;
  /** The counted type: `Pod`. */
  readonly type: string;
  /** In words: `2 of 3 Pods`. */
  readonly share: string;
}

/** Relations examined between two pauses. */
const often = 256;

/** Finished Pods serve no requests. */
export function isFinished({ fields }: Pick<Vertex, 'fields'>): boolean {
  const phase = fields['status.phase'];
  return phase === 'Succeeded' || phase === 'Failed';
}

/**
 * The alternatives that a vertex needs one of. Unready ones count only if none is ready; Pod templates only if there is no
 * Pod.
 */
export function* membersOf({ undoLog }: ReadView, dependents: Dependents, vertex: Vertex): Steps<readonly Vertex[]> {
  const ready: Vertex[] = [];
  const others: Vertex[] = [];
  const templates: Vertex[] = [];
  const pause = every(often);
  for (const { edges } of undoLog.of(vertex).out) {
    for (const edge of edges) {
      if (pause()) yield;
      if (!dependents.needsOneOf(edge) || !dependents.of(edge).source) continue;
      const target = undoLog.of(edge.target);
      if (edge.target.type !== 'Pod') templates.push(edge.target);
      else if (target.present && !isFinished(target))
        (isReady(edge, target, undoLog) ? ready : others).push(edge.target);
    }
  }
  return [ready, others, templates].find((list) => list.length > 0) ?? [];
}

function isReady(edge: Edge, pod: Vertex, undoLog: ReadView['undoLog']): boolean {
  let flags = 0;
  for (const { reason } of undoLog.claimsOf(edge)) flags |= reason.flags;
  if (flags & readyFlag) return true;
  const phase = pod.fields['status.phase'];
  return !(flags & notReadyFlag) && (phase === undefined || phase === '' || phase === 'Running');
}

export function shareOf(members: readonly Vertex[], isLost: (vertex: Vertex) => boolean): Share {
  const lost = members.filter(isLost).length;
  const type = members[0]?.type ?? 'Pod';
  return {
    lost,
    of: members.length,
    type,
    share: `${lost} of ${members.length} ${type}${members.length === 1 ? '' : 's'}`,
  };
}

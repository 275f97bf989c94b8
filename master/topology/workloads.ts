// Workloads that lose Pods but survive: a Deployment with Pods on a lost node. It is degraded until it has replaced them.
import type { Steps } from '../../src/steps.ts';
import { every } from '../../src/steps.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import { holds } from './dependents.ts';
import type { Affected, ImpactWalk } from './impact.ts';
import { isFinished, type Share, shareOf } from './shares.ts';

/** Relations examined between two pauses. */
const often = 256;

/**
 * Marks holders of lost Pods as degraded, over any number of owners, nearest first. Other lost possessions, such as a
 * claim, do not count.
 */
export function* workloadsAbove(walk: ImpactWalk, { gone, degraded, bereft }: Affected): Steps<void> {
  const pause = every(often);
  const byDistance: Vertex[][] = [];
  for (const vertex of gone.keys()) (byDistance[gone.get(vertex) ?? 0] ??= []).push(vertex);
  for (let distance = 0; distance < byDistance.length && distance < walk.depth; distance++) {
    for (const vertex of byDistance[distance] ?? []) {
      for (const edge of walk.view.undoLog.of(vertex).in) {
        if (pause()) yield;
        const owner = edge.source;
        if (gone.has(owner) || !isHeldBy(walk, edge)) continue;
        if (!bereft.has(vertex) && vertex.type !== 'Pod' && (yield* lossOf(walk, vertex, gone)).lost === 0) break;
        bereft.add(vertex);
        if (degraded.has(owner)) continue;
        const share = yield* lossOf(walk, owner, gone);
        if (share.lost === 0) continue;
        degraded.set(owner, { distance: distance + 1, share });
        bereft.add(owner);
        (byDistance[distance + 1] ??= []).push(owner);
      }
    }
  }
}

function* lossOf(walk: ImpactWalk, owner: Vertex, gone: Affected['gone']): Steps<Share> {
  return shareOf(yield* podsOf(walk, owner), (pod) => gone.has(pod));
}

/** A Node owns mirrors of static Pods, but is no workload. */
function isHeldBy({ view, dependents, follows }: ImpactWalk, edge: Edge): boolean {
  if (!holds.has(edge.type) || edge.source.type === 'Node') return false;
  if (!view.undoLog.of(edge.source).present) return false;
  return dependents.of(edge).target && follows(edge, edge.source);
}

/** Unfinished Pods below a workload. */
function* podsOf({ view: { undoLog }, dependents }: ImpactWalk, owner: Vertex): Steps<Vertex[]> {
  const pods: Vertex[] = [];
  const seen = new Set([owner]);
  const pause = every(often);
  for (const vertex of seen) {
    for (const { edges } of undoLog.of(vertex).out) {
      for (const edge of edges) {
        if (pause()) yield;
        const { target } = edge;
        if (!holds.has(edge.type) || seen.has(target) || !dependents.of(edge).target) continue;
        seen.add(target);
        const now = undoLog.of(target);
        if (target.type === 'Pod' && now.present && !isFinished(now)) pods.push(target);
      }
    }
  }
  return pods;
}

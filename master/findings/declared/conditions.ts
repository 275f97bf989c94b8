// Conditions of declared findings on one resource: each returns its proof, or undefined if not met.
import type { KubernetesObject } from '../../../src/model.ts';
import { type Edge, notReadyFlag, readyFlag, type Vertex } from '../../graph/model/vertex.ts';
import type { Requirement } from '../../relations/declared/declaration.ts';
import { parsePath } from '../../relations/declared/path.ts';
import type { FindingView } from '../finding-rule.ts';
import type { RelationCondition } from './declaration.ts';

/** Maximum relations in a proof. */
const mostProof = 10;
/** Maximum relations of a resource examined: more are certainly enough. */
const mostLookedAt = 20_000;

export interface Proven {
  readonly field?: string | undefined;
  /** Its value. */
  readonly value?: string | undefined;
  readonly path: readonly Edge[];
  readonly count?: number;
}

export type Condition = (vertex: Vertex, view: FindingView) => Proven | undefined;

export function fieldCondition({ field, exists, equals, in: among }: Requirement): Condition {
  const path = parsePath(field);
  const wanted: readonly unknown[] = among ?? [equals];
  return (vertex, view) => {
    let found: Proven | undefined;
    path.visit(view.object(vertex) as unknown as KubernetesObject, (at) => {
      const { value } = at;
      if (found || value === undefined || value === null) return;
      if (exists === undefined && !wanted.includes(value as string)) return;
      found = { field: at.path(), value: typeof value === 'object' ? '' : String(value as string), path: [] };
    });
    if (exists === false) return found ? undefined : { field, path: [] };
    return found;
  };
}

export function relationCondition(condition: RelationCondition): Condition {
  const { relation, direction, type, least, most } = condition;
  return (vertex, view) => {
    const path: Edge[] = [];
    let [count, looked] = [0, 0];
    for (const edge of direction === 'out' ? view.out(vertex) : view.into(vertex)) {
      if (!relation(edge.type) || ++looked > mostLookedAt) continue;
      const other = direction === 'out' ? edge.target : edge.source;
      if (!(type?.(other.type) ?? true) || !endsSo(condition, edge, other, view)) continue;
      if (++count > most) return undefined;
      if (path.length < mostProof) path.push(edge);
    }
    if (count < least) return undefined;
    return { path, count, ...(path[0] ? { field: view.fieldOf(path[0]) } : {}) };
  };
}

function endsSo({ end, ready }: RelationCondition, edge: Edge, other: Vertex, view: FindingView): boolean {
  if (end !== 'any' && view.isMissing(other) !== (end === 'missing')) return false;
  if (ready === undefined) return true;
  return (view.flagsOf(edge) & (ready ? readyFlag : notReadyFlag)) !== 0;
}

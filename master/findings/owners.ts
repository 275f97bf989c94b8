// Missing owners, and cycles of owners.
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { Found, ResourceFindingRule } from './finding-rule.ts';
import { called, isBy, metadataOf, minute } from './reading.ts';

const byReference: ReadonlySet<string> = new Set(['owner-owns', 'controller-monitors-pod']);

export const ownerMissing = {
  name: 'owner-missing',
  group: 'lifecycle',
  class: 'risk',
  severity: 'low',
  sentence:
    'An object names an owner that does not exist, and has not been garbage collected for ten minutes. Exceptions: owners of kinds that are not read, and static Pods.',
  remedy: 'Delete it, or remove the owner reference: its owner will not come back.',
  link: 'https://kubernetes.io/docs/concepts/architecture/garbage-collection/',
  types: ['*'],
  reads: [],
  of(vertex, view) {
    // Objects outside of the API have no owner references.
    if (vertex.uid === '' || !view.anySource(vertex, ({ present }) => !present, 'owns', 'monitors')) return undefined;
    const found: Found[] = [];
    // Only the claims that it states itself: thousands of relations may lead to a hub.
    for (const { edge, reason } of vertex.claimsBy(byReference)) {
      if (!edge || edge.target !== vertex || edge.source.present) continue;
      if (!view.isMissing(edge.source) || edge.source.type === 'Node') continue;
      if (!view.isPast(metadataOf(vertex, view)['creationTimestamp'], 10 * minute)) continue;
      found.push({
        on: vertex,
        key: edge.source.id,
        field: reason.field,
        path: [edge],
        sentence: `${called(vertex)} is owned by ${called(edge.source)}, which does not exist`,
      });
    }
    return found;
  },
} as const satisfies ResourceFindingRule;

/** Maximum owners followed: real cycles are shorter. */
const longest = 32;

export const ownerCycle = {
  name: 'owner-cycle',
  group: 'lifecycle',
  class: 'risk',
  severity: 'medium',
  sentence: 'Objects own each other in a cycle: none of them is garbage collected.',
  remedy: 'Remove one of the owner references.',
  link: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/',
  types: ['*'],
  reads: [],
  of(vertex, view) {
    const isAny = () => true;
    if (vertex.uid === '' || !view.anyTarget(vertex, isAny, 'owns', 'monitors')) return undefined;
    if (!view.anySource(vertex, ({ present }) => present, 'owns', 'monitors')) return undefined;
    const circle = circleFrom(vertex);
    if (!circle) return undefined;
    // Each of them reports the same, so that it is found from the one that closed the circle.
    for (const { source } of circle) view.look(source);
    const start = circle.reduce((at, { target }, i) => (target.id < (circle[at]?.target.id ?? '') ? i : at), 0);
    return told([...circle.slice(start), ...circle.slice(0, start)]);
  },
} as const satisfies ResourceFindingRule;

function told(circle: readonly Edge[]): Found | undefined {
  const on = circle[0]?.target;
  return (
    on && {
      on,
      field: 'metadata.ownerReferences',
      key: circle
        .map(({ source }) => source.id)
        .sort()
        .join(' '),
      path: circle,
      affected: circle.map(({ source }) => source),
      sentence: `${called(on)} owns itself${circle.length > 1 ? ` through ${circle.map(({ source }) => called(source)).join(', ')}` : ''}`,
    }
  );
}

/**
 * By the first owner that each names, so that only a member can close or open it. No look is recorded: a circle is closed by a
 * change of one of its members, which is then examined itself.
 */
function circleFrom(vertex: Vertex): Edge[] | undefined {
  const path: Edge[] = [];
  let at = vertex;
  for (let n = 0; n < longest; n++) {
    const next = ownerEdge(at);
    if (!next?.source.present) return undefined;
    path.push(next);
    at = next.source;
    if (at === vertex) return path;
  }
  return undefined;
}

function ownerEdge(vertex: Vertex): Edge | undefined {
  let found: Edge | undefined;
  for (const { edge } of vertex.claimsBy(byReference)) {
    if (!edge || edge.target !== vertex) continue;
    if (!found || edge.source.id < found.source.id) found = edge;
  }
  return found && isBy(found, byReference) ? found : undefined;
}

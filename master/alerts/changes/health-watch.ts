// `health of Deployment becomes failed`: a transition. For Pods and other parts of a workload the workload is reported.
import { already } from '../../../src/steps.ts';
import { rootOf } from '../../topology/root-of.ts';
import type { ParsedChange } from './change-rule.ts';
import type { ChangeWatch, WatchedGraph } from './watch.ts';

type HealthChangeRule = Extract<ParsedChange['change'], { what: 'health' }>;

export function watchHealth(
  graph: WatchedGraph,
  { type, states }: HealthChangeRule,
  isIn: (namespace: string) => boolean,
): ChangeWatch {
  /** Active ones by reported resource. */
  const open = new Map<string, Set<string>>();
  const rootNow = new Map<string, string>();
  const isSoOf = (id: string) => {
    const vertex = graph.get(id);
    return vertex?.present === true && vertex.health !== undefined && states.has(vertex.health.state);
  };
  const close = (id: string, tell: { end(resource: string): void }, at = rootNow.get(id)) => {
    // An earlier process may have reported it, at least for the resource itself.
    if (at === undefined) return tell.end(id);
    rootNow.delete(id);
    const members = open.get(at);
    members?.delete(id);
    if (members && members.size > 0) return;
    open.delete(at);
    tell.end(at);
  };
  return {
    begin: () => already(undefined),
    isSo: ({ resource, affected }) => [resource, ...affected.first].some(isSoOf),
    take({ resources, removedResources }, tell) {
      for (const { id, type: one } of removedResources) if (type(one) && rootNow.has(id)) close(id, tell);
      for (const { id, type: one, namespace, before } of resources) {
        if (!type(one) || !isIn(namespace)) continue;
        const isSo = isSoOf(id);
        const was = before?.health !== undefined && states.has(before.health.state);
        if (!isSo && (was || rootNow.has(id))) close(id, tell);
        if (!isSo || was || rootNow.has(id)) continue;
        const vertex = graph.get(id);
        if (!vertex) continue;
        const root = rootOf(vertex);
        rootNow.set(id, root.id);
        const members = open.get(root.id) ?? new Set();
        open.set(root.id, members.add(id));
        const { state, reason = '', field } = vertex.health ?? { state: 'unknown' };
        tell.begin({ on: root, field, affected: [id], words: `${state}${reason === '' ? '' : `, ${reason}`}` });
      }
    },
  };
}

// `removed Ingress`, `added ClusterRoleBinding`: objects added or removed.
import { already } from '../../../src/steps.ts';
import type { Change } from '../../graph/revisions/changes.ts';
import type { ParsedChange } from './change-rule.ts';
import { type ChangeWatch, isThere, type Told, type WatchedGraph } from './watch.ts';

type ResourceChangeRule = Extract<ParsedChange['change'], { what: 'resource' }>;

export function watchResources(
  graph: WatchedGraph,
  { type, turn }: ResourceChangeRule,
  isIn: (namespace: string) => boolean,
): ChangeWatch {
  const isMeant = (each: Told) => type(each.type) && isIn(each.namespace);
  const isHere = (id: string) => isThere(graph, graph.get(id));
  return {
    begin: () => already(undefined),
    isSo: ({ resource }) => isHere(resource) === (turn === 'added'),
    take(change, tell) {
      const { came, went } = turnsOf(change, isMeant);
      const [begun, over] = turn === 'added' ? [came, went] : [went, came];
      for (const each of over) if (isHere(each.id) !== (turn === 'added')) tell.end(each.id);
      for (const each of begun)
        if (isHere(each.id) === (turn === 'added'))
          tell.begin({ on: each, affected: [each.id], because: goneWith(each, change) });
    },
  };
}

/** Removals and additions. A removed object that is still named is removed too. */
function turnsOf(change: Change, isMeant: (each: Told) => boolean): { readonly came: Told[]; readonly went: Told[] } {
  const came: Told[] = [];
  const went: Told[] = [];
  for (const { added, before, id, type, namespace } of change.resources) {
    const each = { id, type, namespace };
    if (!isMeant(each)) continue;
    if (added || (before && before.standing !== '')) came.push(each);
    if (before?.standing === '') went.push(each);
  }
  for (const { id, type, namespace, before } of change.removedResources)
    if (isMeant({ id, type, namespace }) && before?.standing === '') went.push({ id, type, namespace });
  return { came, went };
}

/** Removed together, and named by it: a Host with its last Ingress. */
function goneWith({ id }: Told, { removedRelations, removedResources, resources }: Change): string | undefined {
  const source = removedRelations.find(({ target }) => target.id === id)?.source.id;
  if (source === undefined) return undefined;
  const isGone = removedResources.some((each) => each.id === source) || resources.some((each) => each.id === source);
  return isGone ? source : undefined;
}

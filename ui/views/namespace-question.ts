// Shared by lanes, applications and the namespace view: query, stream and selection.
import type { Relation, Resource } from '../../src/model.ts';
import { filterOf } from '../filter.ts';
import { isInfrastructure, laneOf, laneTitles } from '../layout/lane.ts';
import type { ClusterModel } from '../model.ts';
import { type RollUp, rollUp } from '../rollup/rollup.ts';
import type { ViewState } from '../state/view-state.ts';
import { kindOf, namespaceOf } from '../words.ts';
import { cardFields, type Memory, query } from './view.ts';

/** Resources without an application. */
export const none = '-';

export function namespaceQuestion({ namespace }: ViewState): string {
  return `cluster?${query({ namespace, neighbours: 'true', fields: cardFields })}`;
}

export function namespaceStream({ namespace }: ViewState): string {
  return query({ namespace, fields: cardFields });
}

export function namespaceCommand({ namespace }: ViewState): readonly string[] {
  return ['get', '-n', namespace];
}

/** Obvious for every resource. */
const scaffolding = new Set(['Namespace', 'Cluster', 'ReferenceGrant']);

export function rolledUp(model: ClusterModel, state: ViewState, { drawn }: Memory): RollUp {
  const resources = model.resources();
  const relations = model.relations();
  const owning = new Set(relations.filter(({ type }) => type === 'owns').map(({ source }) => source));
  const isInside = insideOf(state, resources, relations);
  const passes = filterOf(state) ?? (() => true);
  return rollUp(resources, relations, {
    lanes: laneTitles,
    lane: (resource) => laneOf(resource, (id) => owning.has(id)),
    outside: (resource) => !isInside.own(resource),
    keep: (resource) => isInside.shown(resource) && isWanted(resource, state) && passes(resource),
    before: drawn,
  });
}

function isWanted(resource: Resource, { infrastructure, kinds }: ViewState): boolean {
  const kind = kindOf(resource.type);
  if (kinds.includes(kind) || resource.annotations.missing) return true;
  return (
    !scaffolding.has(kind) &&
    kind !== 'Container' &&
    kind !== 'Process' &&
    (infrastructure || !isInfrastructure(resource))
  );
}

/** For an application: its own resources and connected ones. */
function insideOf(
  { namespace, application }: ViewState,
  resources: readonly Resource[],
  relations: readonly Relation[],
) {
  const isOfNamespace = ({ id }: Resource) => namespaceOf(id) === namespace;
  if (application === '') return { own: isOfNamespace, shown: () => true };
  const isOwn = (resource: Resource) => isOfNamespace(resource) && applicationOf(resource) === application;
  const own = new Set(resources.filter(isOwn).map(({ id }) => id));
  const near = new Set<string>();
  for (const { source, target, type } of relations) {
    if (type === 'contains') continue;
    if (own.has(source)) near.add(target);
    if (own.has(target)) near.add(source);
  }
  return { own: isOwn, shown: ({ id }: Resource) => own.has(id) || near.has(id) };
}

export function applicationOf({ annotations }: Pick<Resource, 'annotations'>): string {
  const { application } = annotations;
  return application && !application.shared ? application.name : none;
}

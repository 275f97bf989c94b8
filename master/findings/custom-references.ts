// Custom resources that need another one that does not exist.

import type { Edge, Vertex } from '../graph/model/vertex.ts';
import { guessFlag, noneDependsFlag, optionalFlag } from '../graph/model/vertex.ts';
import type { FindingView, Found, ResourceFindingRule } from './finding-rule.ts';
import { called, metadataOf, minute } from './reading.ts';

/** Another finding reports these. */
const saidElsewhere: ReadonlySet<string> = new Set(['GatewayClass.gateway.networking.k8s.io']);
const uncertain = guessFlag | noneDependsFlag | optionalFlag;

export const customReferenceMissing = {
  name: 'custom-reference-missing',
  group: 'configuration',
  class: 'broken',
  severity: 'medium',
  tier: 'references',
  sentence:
    'A custom resource needs another one that does not exist, such as a HelmRelease its HelmRepository or an HTTPRoute its Gateway, by a relation that is not a guess. Exceptions: resources that are well or done by their own status, that have an owner, or that are younger than five minutes.',
  remedy: 'Create what is missing, or correct the name in the field.',
  link: 'https://kubernetes.io/docs/concepts/extend-kubernetes/operator/',
  types: ['*.*'],
  reads: [],
  of(resource, view) {
    const lacking = view.lacking(resource, 'uses', 'createdFrom', 'attachedTo', 'dependsOn', 'calls');
    if (lacking.length === 0 || !isWaiting(resource, view)) return undefined;
    const needed = lacking.filter((edge) => isNeeded(edge, resource, view) && view.isMissing(edge.target));
    return needed.map(
      (edge): Found => ({
        on: resource,
        key: edge.target.id,
        field: view.fieldOf(edge),
        path: [edge],
        since: metadataOf(resource, view)['creationTimestamp'],
        sentence: `${called(resource)} needs ${called(edge.target)}, which does not exist`,
      }),
    );
  },
} as const satisfies ResourceFindingRule;

/** Not by a controller, which corrects it, and not over: what a finished run or restore was made of may be gone. */
function isWaiting(resource: Vertex, view: FindingView): boolean {
  const { health } = view.facets(resource);
  if (resource.controlled || health?.state === 'ok' || health?.state === 'done') return false;
  const { creationTimestamp, deletionTimestamp } = metadataOf(resource, view);
  const isYoung = typeof creationTimestamp === 'string' && !view.isPast(creationTimestamp, 5 * minute);
  return deletionTimestamp === undefined && !isYoung;
}

function isNeeded({ target, claims }: Edge, by: Vertex, view: FindingView): boolean {
  if (!target.type.includes('.') || saidElsewhere.has(target.type)) return false;
  // Operators make their own defaults, which files lack.
  if (target.name === 'default' && view.isOfFiles()) return false;
  return claims.some(({ speaker, reason }) => speaker === by && !(reason.flags & uncertain));
}

// Gateway API conventions that many kinds use: `parentRef` and `parentRefs` name what an object is attached to;
// `targetRef`, `targetRefs` and `targetSelectors` name what a policy applies to.

import { walkerOf } from '../../src/field-paths.ts';
import { isName, isRecord } from '../../src/fields.ts';
import { groupOf, typeOf, typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject, LabelSelector } from '../../src/model.ts';
import type { Rule } from './relation.ts';

const gatewayGroup = 'gateway.networking.k8s.io';

/** Custom kinds; built-in ones use these names for other things. */
function isCustom(object: KubernetesObject): boolean {
  const kind = object.kind ?? '';
  return groupOf(object.apiVersion ?? '').includes('.') && typeOfReference(object.apiVersion, kind) !== kind;
}

function isOfGatewayApi(object: KubernetesObject): boolean {
  return /^gateway\.networking\.(x-)?k8s\.io$/.test(groupOf(object.apiVersion ?? ''));
}

/** `group`, or its equivalent in other projects. */
function groupIn(ref: { readonly [field: string]: unknown }): string | undefined {
  if (typeof ref['group'] === 'string') return ref['group'];
  if (typeof ref['apiGroup'] === 'string') return ref['apiGroup'];
  return typeof ref['apiVersion'] === 'string' ? groupOf(ref['apiVersion']) : undefined;
}

const parents = ['spec.parentRefs[]', 'spec.parentRef'];
const parentWalks = parents.map(walkerOf);

export const attachedToParent = {
  name: 'attached-to-parent',
  relation: 'attachedTo',
  reads: ['*'],
  source: ['*'],
  target: ['Gateway.gateway.networking.k8s.io', 'Service', '*'],
  fields: parents,
  dependence: 'source',
  sentence:
    'A route or other custom object is attached to its parents. In the Gateway API a parent is a Gateway in the same namespace, unless the reference gives another group, kind or namespace.',
  infer(object, refer) {
    if (!isCustom(object)) return;
    const isOwn = isOfGatewayApi(object);
    for (const walk of parentWalks) {
      walk(object, (ref, path) => {
        if (!isRecord(ref) || !isName(ref['name'])) return;
        // In other groups an absent kind is not Gateway. An empty group is the core group, an absent one the Gateway API's.
        const kind = isName(ref['kind']) ? ref['kind'] : isOwn ? 'Gateway' : undefined;
        const group = groupIn(ref) ?? (isOwn ? gatewayGroup : undefined);
        if (kind === undefined || group === undefined) return;
        const namespace = isName(ref['namespace']) ? ref['namespace'] : object.metadata.namespace;
        refer({ target: { by: 'name', type: typeOf(group, kind), namespace, name: ref['name'] }, field: path() });
      });
    }
  },
} as const satisfies Rule;

const targets = ['spec.targetRefs[]', 'spec.targetRef', 'spec.policy.targetRef'];
const targetWalks = targets.map(walkerOf);

/** Kinds with their own rule for `targetRef`. */
const otherwise: readonly string[] = ['VerticalPodAutoscaler.autoscaling.k8s.io'];

/** Without a kind there is no target; without a group only the name helps to guess. */
function isTarget(
  ref: unknown,
): ref is { readonly kind: string; readonly name: string } & { [field: string]: unknown } {
  return isRecord(ref) && isName(ref['kind']) && isName(ref['name']) && groupIn(ref) !== undefined;
}

export const policyTarget = {
  name: 'policy-target',
  relation: 'attachedTo',
  reads: ['*'],
  source: ['*'],
  target: ['*'],
  fields: targets,
  dependence: 'none',
  sentence:
    'A policy of any custom kind is attached to the objects named in its target references, by default in its own namespace.',
  infer(object, refer) {
    if (!isCustom(object) || otherwise.includes(typeOfReference(object.apiVersion, object.kind ?? ''))) return;
    for (const walk of targetWalks) {
      walk(object, (ref, path) => {
        if (!isTarget(ref)) return;
        const type = typeOf(groupIn(ref) ?? '', ref.kind);
        const namespace = isName(ref['namespace']) ? ref['namespace'] : object.metadata.namespace;
        const name = ref.name;
        if (isClusterScoped(type)) return refer({ target: { by: 'name', type, name }, field: path() });
        refer({ target: { by: 'name', type, namespace, name }, field: path() });
      });
    }
  },
} as const satisfies Rule;

/** Cluster-scoped ones among the kinds that policies target. */
function isClusterScoped(type: string): boolean {
  return type === 'GatewayClass.gateway.networking.k8s.io' || type === 'Namespace' || type === 'Node';
}

const selecting = walkerOf('spec.targetSelectors[]');

export const policyTargetSelector = {
  name: 'policy-target-selector',
  relation: 'attachedTo',
  reads: ['*'],
  source: ['*'],
  target: ['*'],
  fields: ['spec.targetSelectors[]'],
  dependence: 'none',
  sentence: 'A policy of any custom kind is attached to the objects in its namespace that its target selectors match.',
  infer(object, refer) {
    const { namespace } = object.metadata;
    if (!isCustom(object) || !namespace) return;
    selecting(object, (ref, path) => {
      if (!isRecord(ref) || !isName(ref['kind'])) return;
      const type = typeOf(groupIn(ref) ?? gatewayGroup, ref['kind']);
      const { matchLabels, matchExpressions } = ref as LabelSelector;
      if (!matchLabels && !matchExpressions) return;
      const selector = { ...(matchLabels && { matchLabels }), ...(matchExpressions && { matchExpressions }) };
      refer({ target: { by: 'labels', type, namespaces: { in: [namespace] }, selector }, field: path() });
    });
  },
} as const satisfies Rule;

// PodDisruptionBudgets that protect nothing or allow nothing.
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView, ResourceFindingRule } from './finding-rule.ts';
import { isReady, wantedOf } from './pod-fields.ts';
import { called, countAt, counted, first, isOfTemplate, listed, metadataOf, specOf, statusOf } from './reading.ts';

export const budgetSelectsNothing = {
  name: 'budget-selects-nothing',
  group: 'workloads',
  class: 'risk',
  severity: 'low',
  sentence: 'A PodDisruptionBudget matches no Pod and no Pod template in its Namespace.',
  remedy: 'Correct its selector.',
  link: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  types: ['PodDisruptionBudget'],
  reads: ['Pod', 'Deployment', 'StatefulSet', 'ReplicaSet'],
  of(budget, view) {
    if (first(view.out(budget, 'protects')) || countAt(statusOf(budget, view), 'expectedPods') > 0) return undefined;
    return {
      on: budget,
      field: 'spec.selector',
      since: metadataOf(budget, view)['creationTimestamp'],
      sentence: `${called(budget)} protects nothing: its selector matches no Pod and no template in ${budget.namespace}`,
    };
  },
} as const satisfies ResourceFindingRule;

export const budgetBlocksEviction = {
  name: 'budget-blocks-eviction',
  group: 'workloads',
  class: 'risk',
  severity: 'high',
  sentence:
    'A PodDisruptionBudget allows no disruption although all its Pods are healthy: no Node with one of them can be drained. If some Pods are unhealthy, that is a finding of its own.',
  remedy: 'Allow at least one disruption, or add a replica.',
  link: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/#specifying-a-poddisruptionbudget',
  types: ['PodDisruptionBudget'],
  reads: ['Pod'],
  of(budget, view) {
    const spec = specOf(budget, view);
    const all = [...view.out(budget, 'protects')];
    const pods = all.filter((edge) => !isOfTemplate(edge, view));
    const why = pods.length > 0 ? whyBlocked(budget, spec, pods, view) : whyAlwaysBlocks(budget, spec, all, view);
    if (why === undefined) return undefined;
    const path = pods.length > 0 ? pods : all;
    return {
      on: budget,
      field: spec['minAvailable'] === undefined ? 'spec.maxUnavailable' : 'spec.minAvailable',
      path: path.slice(0, 8),
      affected: path.map(({ target }) => target),
      sentence: `${called(budget)} allows no eviction: ${why}`,
    };
  },
} as const satisfies ResourceFindingRule;

type Fields = ReturnType<typeof specOf>;

/** From its status if any, otherwise from its spec and the number of Pods. */
function whyBlocked(budget: Vertex, spec: Fields, pods: readonly Edge[], view: FindingView): string | undefined {
  const status = statusOf(budget, view);
  const expected = countAt(status, 'expectedPods', pods.length);
  const isTold = typeof status['disruptionsAllowed'] === 'number';
  const healthy = isTold
    ? countAt(status, 'currentHealthy')
    : pods.filter(({ target }) => isReady(target, view)).length;
  if (isTold && (status['disruptionsAllowed'] !== 0 || healthy < expected)) return undefined;
  const { minAvailable, maxUnavailable } = spec;
  const least = atLeast(minAvailable, expected);
  if (least !== undefined && least >= expected)
    return expected === 1
      ? 'it keeps 1 Pod available, and there is but one'
      : `it keeps ${String(minAvailable)} of ${expected} Pods available`;
  if (isNone(maxUnavailable)) return `its maxUnavailable is ${String(maxUnavailable)}`;
  return undefined;
}

function isNone(value: unknown): boolean {
  return value === 0 || value === '0' || value === '0%';
}

/** Before there are Pods: what no number of them changes. */
function whyAlwaysBlocks(budget: Vertex, spec: Fields, templates: readonly Edge[], view: FindingView) {
  if (!templates.some(({ target }) => wantedOf(target, view) !== 0)) return undefined;
  if (typeof statusOf(budget, view)['disruptionsAllowed'] === 'number') return undefined;
  const { minAvailable, maxUnavailable } = spec;
  if (minAvailable === '100%') return 'it keeps 100% of its Pods available';
  return isNone(maxUnavailable) ? `its maxUnavailable is ${String(maxUnavailable)}` : undefined;
}

/** Undefined if not given. Rounds percentages up like the controller. */
function atLeast(value: unknown, of: number): number | undefined {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  return percent === undefined ? undefined : Math.ceil((Number(percent) * of) / 100);
}

export const budgetTwice = {
  name: 'budget-twice',
  group: 'workloads',
  class: 'broken',
  severity: 'high',
  sentence: 'Two PodDisruptionBudgets protect one Pod: the API server refuses to evict it.',
  remedy: 'Keep one of them.',
  link: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/#arbitrary-controllers-and-selectors',
  types: ['PodDisruptionBudget'],
  reads: [],
  of(budget, view) {
    for (const edge of view.out(budget, 'protects')) {
      if (isOfTemplate(edge, view)) continue;
      const other = [...view.into(edge.target, 'protects')]
        .filter(({ source }) => source.id < budget.id && source.present)
        .sort((a, b) => (a.source.id < b.source.id ? -1 : 1))[0];
      if (!other) continue;
      return {
        on: budget,
        key: other.source.id,
        path: [edge, other],
        affected: [...view.out(budget, 'protects')]
          .filter((each) => !isOfTemplate(each, view))
          .map(({ target }) => target),
        sentence: `${called(budget)} and ${called(other.source)} both protect ${called(edge.target)}: the API server refuses to evict it`,
      };
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

export const budgetOverAutoscalerMinimum = {
  name: 'budget-over-autoscaler-minimum',
  group: 'scaling',
  class: 'risk',
  severity: 'medium',
  sentence:
    "A PodDisruptionBudget requires as many available Pods as the autoscaler's minimum: at that minimum no Pod can be evicted. A minimum of 0 counts as 1. Exception: a number of Pods of several workloads, as those of the others remain.",
  remedy: 'Raise the minimum of the autoscaler, or lower minAvailable.',
  link: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  types: ['PodDisruptionBudget'],
  reads: [],
  of(budget, view) {
    const least = specOf(budget, view)['minAvailable'];
    if (typeof least !== 'number' && least !== '100%') return undefined;
    const workloads = protectedBy(budget, view);
    if (least !== '100%' && workloads.size > 1) return undefined;
    for (const [workload, edge] of workloads) {
      for (const scaling of view.into(workload, 'scales')) {
        const spec = specOf(scaling.source, view);
        // Without Pods nothing is evicted.
        const minimum = Math.max(1, countAt(spec, 'minReplicas', 1));
        if (scaling.source.type !== 'HorizontalPodAutoscaler' || typeof spec['maxReplicas'] !== 'number') continue;
        if (least !== '100%' && least < minimum) continue;
        return {
          on: budget,
          key: scaling.source.id,
          field: 'spec.minAvailable',
          path: [edge, scaling],
          sentence: `${called(budget)} requires ${requirementOf(least)}, and ${called(scaling.source)} may scale down to ${minimum}`,
        };
      }
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

/** At most 20 workloads, each with a relation to it or to one of its Pods. */
function protectedBy(budget: Vertex, view: FindingView): ReadonlyMap<Vertex, Edge> {
  const found = new Map<Vertex, Edge>();
  for (const edge of view.out(budget, 'protects')) {
    const workload = view.rootOf(edge.target);
    if (found.size < 20 && !found.has(workload)) found.set(workload, edge);
  }
  return found;
}

function requirementOf(least: number | '100%'): string {
  return least === '100%' ? '100% of its Pods to be available' : counted(least, 'available Pod');
}

export const budgetMissing = {
  name: 'budget-missing',
  group: 'workloads',
  class: 'advice',
  severity: 'info',
  sentence:
    'A Deployment or StatefulSet with two or more replicas behind a Service has no PodDisruptionBudget: a drain may evict all its Pods at once. Exception: kube-system.',
  remedy: 'Add a PodDisruptionBudget that allows one disruption at a time.',
  link: 'https://kubernetes.io/docs/concepts/workloads/pods/disruptions/',
  types: ['Deployment', 'StatefulSet'],
  reads: ['PodDisruptionBudget', 'Service'],
  of(workload, view) {
    if (workload.namespace === 'kube-system' || (wantedOf(workload, view) ?? 1) < 2) return undefined;
    if (first(view.into(workload, 'protects'))) return undefined;
    const services = [...view.into(workload, 'loadBalances')];
    if (services.length === 0) return undefined;
    return {
      on: workload,
      field: 'spec.replicas',
      path: services.slice(0, 3),
      sentence: `${called(workload)} stands behind ${listed(services.map(({ source }) => called(source)))} and has no PodDisruptionBudget`,
    };
  },
} as const satisfies ResourceFindingRule;

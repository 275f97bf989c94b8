// Autoscalers that cannot scale, or that conflict with another scaler.
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView, ResourceFindingRule } from './finding-rule.ts';
import { wantedOf } from './pod-fields.ts';
import {
  called,
  conditionsOf,
  countAt,
  type Fields,
  fieldsAt,
  first,
  hour,
  minute,
  recordsOf,
  saying,
  specOf,
  stringsAt,
  textAt,
} from './reading.ts';

const autoscaler = 'HorizontalPodAutoscaler';
const vertical = 'VerticalPodAutoscaler.autoscaling.k8s.io';

export const autoscalerTargetMissing = {
  name: 'autoscaler-target-missing',
  group: 'scaling',
  class: 'broken',
  severity: 'high',
  tier: 'references',
  sentence: 'An autoscaler scales an object that does not exist.',
  remedy: 'Correct the target, or delete the autoscaler.',
  link: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/',
  types: [autoscaler, vertical, 'ScaledObject.keda.sh', 'HTTPScaledObject.http.keda.sh'],
  reads: [],
  of(scaler, view) {
    for (const edge of view.out(scaler, 'scales')) {
      if (!view.isMissing(edge.target)) continue;
      return {
        on: scaler,
        key: edge.target.id,
        path: [edge],
        sentence: `${called(scaler)} scales ${called(edge.target)}, which does not exist`,
      };
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

/** The APIs with autoscalers' metrics. */
const metricApis: { readonly [type: string]: string } = {
  Resource: 'v1beta1.metrics.k8s.io',
  ContainerResource: 'v1beta1.metrics.k8s.io',
  Pods: 'v1beta1.custom.metrics.k8s.io',
  Object: 'v1beta1.custom.metrics.k8s.io',
  External: 'v1beta1.external.metrics.k8s.io',
};

export const autoscalerWithoutMetrics = {
  name: 'autoscaler-without-metrics',
  group: 'scaling',
  class: 'broken',
  severity: 'high',
  tier: 'hosts',
  sentence:
    'An autoscaler has been unable to read its metrics for five minutes. Exception: one whose target is scaled to 0, which disables it.',
  remedy: 'Install or fix the metrics API: metrics-server, or an adapter.',
  link: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#support-for-resource-metrics',
  types: [autoscaler],
  reads: [],
  of(scaler, view) {
    if (scaler.health?.state === 'ok') return undefined;
    const active = conditionsOf(scaler, view).get('ScalingActive');
    if (active?.status !== 'False' || active.reason === 'ScalingDisabled') return undefined;
    if (active.since && !view.isPast(active.since, 5 * minute)) return undefined;
    const target = first(view.out(scaler, 'scales'));
    if (target && view.isMissing(target.target)) return undefined;
    const api = apiOf(scaler, view);
    return {
      on: scaler,
      field: active.field,
      path: [...(target ? [target] : []), ...(api ? view.out(api, 'calls') : [])],
      affected: target ? [target.target] : [],
      since: active.since,
      sentence: `${called(scaler)} does not scale: ${active.reason}${saying(active.message)}${whyApi(api, scaler, view)}`,
    };
  },
} as const satisfies ResourceFindingRule;

function apiOf(scaler: Vertex, view: FindingView): Vertex | undefined {
  return view.get(`APIService:${apiNameOf(scaler, view)}`);
}

function apiNameOf(scaler: Vertex, view: FindingView): string {
  const [metric] = recordsOf(specOf(scaler, view)['metrics']);
  return metricApis[metric ? textAt(metric.item, 'type') : 'Resource'] ?? 'v1beta1.metrics.k8s.io';
}

function whyApi(api: Vertex | undefined, scaler: Vertex, view: FindingView): string {
  if (api?.present) return api.health?.state === 'failed' ? `; the API ${api.name} is down` : '';
  return view.isKnown('APIService', '') ? `; no API ${apiNameOf(scaler, view)} is registered` : '';
}

export const autoscalerAtMaximum = {
  name: 'autoscaler-at-maximum',
  group: 'scaling',
  class: 'risk',
  severity: 'medium',
  sentence:
    'An autoscaler has wanted more replicas than its maximum for half an hour. Exception: one whose minimum equals its maximum.',
  remedy: 'Raise the maximum, or the capacity of each Pod.',
  link: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/',
  types: [autoscaler],
  reads: [],
  of(scaler, view) {
    const limited = conditionsOf(scaler, view).get('ScalingLimited');
    if (limited?.status !== 'True' || limited.reason !== 'TooManyReplicas') return undefined;
    const spec = specOf(scaler, view);
    const most = countAt(spec, 'maxReplicas');
    if (countAt(spec, 'minReplicas', 1) >= most || !view.isPast(limited.since, 30 * minute)) return undefined;
    return {
      on: scaler,
      field: 'spec.maxReplicas',
      path: [...view.out(scaler, 'scales')].slice(0, 1),
      since: limited.since,
      sentence: `${called(scaler)} is held at its maximum of ${most} replicas, and wants more`,
    };
  },
} as const satisfies ResourceFindingRule;

export const autoscalerOverlap = {
  name: 'autoscaler-overlap',
  group: 'scaling',
  class: 'broken',
  severity: 'high',
  sentence:
    'Two HorizontalPodAutoscalers scale one object; or one scales it by CPU or memory while a VerticalPodAutoscaler changes the same. Exception: a VerticalPodAutoscaler in the mode Off or Initial.',
  remedy: 'Keep one autoscaler for each target and metric.',
  link: 'https://kubernetes.io/docs/concepts/workloads/autoscaling/',
  types: [autoscaler],
  reads: [],
  of(scaler, view) {
    for (const edge of view.out(scaler, 'scales')) {
      const rivals = [...view.into(edge.target, 'scales')].filter(({ source }) => isRival(scaler, source, view));
      const [rival] = rivals.sort((a, b) => (a.source.id < b.source.id ? -1 : 1));
      if (!rival) continue;
      return {
        on: scaler,
        key: rival.source.id,
        path: [edge, rival],
        affected: [edge.target],
        sentence: `${called(scaler)} and ${called(rival.source)} both scale ${called(edge.target)}`,
      };
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

function isRival(scaler: Vertex, other: Vertex, view: FindingView): boolean {
  if (!other.present || other === scaler) return false;
  if (other.type === autoscaler) return other.id < scaler.id;
  if (other.type !== vertical) return false;
  const spec = specOf(other, view);
  const mode = textAt(fieldsAt(spec, 'updatePolicy'), 'updateMode') || 'Auto';
  return mode !== 'Off' && mode !== 'Initial' && measuredBy(scaler, view).some((name) => mayChange(spec, name));
}

/** Names of resources that it scales by; CPU if it names no metric at all. */
function measuredBy(scaler: Vertex, view: FindingView): readonly string[] {
  const metrics = recordsOf(specOf(scaler, view)['metrics']);
  if (metrics.length === 0) return ['cpu'];
  return ['resource', 'containerResource'].flatMap((source) =>
    metrics.map(({ item }) => textAt(fieldsAt(item, source), 'name')).filter((name) => name !== ''),
  );
}

/** Policies may leave the containers, or all but one of the resources, alone. No policy: everything is changed. */
function mayChange(vertical: Fields, resource: string): boolean {
  const policies = recordsOf(fieldsAt(vertical, 'resourcePolicy')['containerPolicies']).map(({ item }) => item);
  const change = policies.map((policy) => {
    const controlled = stringsAt(policy, 'controlledResources');
    return textAt(policy, 'mode') !== 'Off' && (controlled.length === 0 || controlled.includes(resource));
  });
  // Containers that no policy names have that of `*`.
  return change.some(Boolean) || !policies.some((policy) => textAt(policy, 'containerName') === '*');
}

/** More changes of direction within an hour than a single scaler makes. */
const turnsOfAFight = 3;

interface Swings {
  last: number;
  /** Up or down. */
  direction: number;
  readonly turns: number[];
}

export const autoscalerFights = {
  name: 'autoscaler-fights',
  group: 'scaling',
  class: 'broken',
  severity: 'high',
  remembers: true,
  sentence:
    'The replicas of an autoscaled workload changed up and down three times within an hour: something besides the autoscaler sets them. Counted since the program started. Not reported for files.',
  remedy: 'Remove spec.replicas from the manifest that is applied repeatedly.',
  link: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling',
  types: ['Deployment', 'StatefulSet'],
  reads: [],
  of(workload, view) {
    const scaling: Edge | undefined = first(view.into(workload, 'scales'));
    if (scaling?.source.type !== autoscaler) return undefined;
    const replicas = wantedOf(workload, view) ?? 0;
    const memory = view.memory<Swings>(() => ({ last: replicas, direction: 0, turns: [] }));
    if (replicas !== memory.last) {
      const direction = Math.sign(replicas - memory.last);
      if (memory.direction !== 0 && direction !== memory.direction) memory.turns.push(view.now);
      Object.assign(memory, { last: replicas, direction });
    }
    while ((memory.turns[0] ?? Number.POSITIVE_INFINITY) < view.now - hour) memory.turns.shift();
    if (memory.turns.length < turnsOfAFight) return undefined;
    view.isPast(new Date(memory.turns[0] ?? 0).toISOString(), hour);
    return {
      on: workload,
      field: 'spec.replicas',
      path: [scaling],
      since: new Date(memory.turns[0] ?? 0).toISOString(),
      sentence: `${called(workload)} was scaled up and down ${memory.turns.length} times within an hour: ${called(scaling.source)} is not the only one that sets its replicas`,
    };
  },
} as const satisfies ResourceFindingRule;

// Kinds that are stored in one form and also served in another: core events as events.k8s.io/v1, autoscalers as
// autoscaling/v1.
import type { KubernetesObject } from '../../model.ts';

export type Conversion = (object: KubernetesObject) => KubernetesObject;

const conversions: { readonly [form: string]: Conversion } = {
  'events.events.k8s.io/v1': modernEvent,
  'horizontalpodautoscalers.autoscaling/v1': oldAutoscaler,
};

/** How to convert the stored form to `version`; undefined if it is served as stored. */
export function convert(resource: string, version: string): Conversion | undefined {
  return conversions[`${resource}/${version}`];
}

function modernEvent(object: KubernetesObject): KubernetesObject {
  const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, reportingComponent, ...rest } = object;
  return {
    ...rest,
    eventTime: rest['eventTime'] ?? null,
    ...(reportingComponent !== undefined && { reportingController: reportingComponent }),
    regarding: involvedObject,
    note: message,
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    ...(count !== undefined && { deprecatedCount: count }),
  };
}

interface Metric {
  readonly resource?: { readonly name: string; readonly target: { readonly averageUtilization?: number } };
}

function oldAutoscaler(object: KubernetesObject): KubernetesObject {
  const { metrics, behavior: _behavior, ...spec } = object['spec'] as { metrics?: Metric[]; behavior?: unknown };
  const cpu = metrics?.find((metric) => metric.resource?.name === 'cpu')?.resource?.target.averageUtilization;
  const { currentReplicas, desiredReplicas } = (object['status'] ?? {}) as { [field: string]: unknown };
  const status = { currentReplicas: currentReplicas ?? 0, desiredReplicas: desiredReplicas ?? 0 };
  return { ...object, spec: { ...spec, ...(cpu !== undefined && { targetCPUUtilizationPercentage: cpu }) }, status };
}

// What the monitors of the Prometheus operator scrape.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject, LabelSelector } from '../../src/model.ts';
import type { Namespaces, Reference, Rule } from './relation.ts';

const serviceMonitor = 'ServiceMonitor.monitoring.coreos.com';
const podMonitor = 'PodMonitor.monitoring.coreos.com';

interface Monitor extends KubernetesObject {
  readonly spec?: {
    readonly selector?: LabelSelector | null;
    readonly namespaceSelector?: { readonly any?: unknown; readonly matchNames?: readonly unknown[] } | null;
  } | null;
}

/** Not a label selector: `any`, a list of names, or, where both are absent, the monitor's own namespace. */
function namespacesOf(object: Monitor): Namespaces {
  const selector = object.spec?.namespaceSelector;
  if (selector?.any === true) return { all: true };
  const names = itemsOf(selector?.matchNames).filter((name) => isName(name));
  if (names.length > 0) return { in: names };
  return { in: object.metadata.namespace ? [object.metadata.namespace] : [] };
}

function scrapes(object: Monitor, type: 'Service' | 'Pod', refer: (reference: Reference) => void): void {
  const selector = object.spec?.selector;
  if (!isRecord(selector)) return;
  refer({ target: { by: 'labels', type, namespaces: namespacesOf(object), selector }, field: 'spec.selector' });
}

export const serviceMonitorScrapes = {
  name: 'service-monitor-scrapes',
  relation: 'scrapes',
  reads: [serviceMonitor],
  source: [serviceMonitor],
  target: ['Service'],
  fields: ['spec.selector', 'spec.namespaceSelector'],
  dependence: 'none',
  sentence: 'A ServiceMonitor scrapes the Services that its selector matches, in its namespace unless it says others.',
  infer: (object: Monitor, refer) => scrapes(object, 'Service', refer),
} as const satisfies Rule;

export const podMonitorScrapes = {
  name: 'pod-monitor-scrapes',
  relation: 'scrapes',
  reads: [podMonitor],
  source: [podMonitor],
  target: ['Pod'],
  fields: ['spec.selector', 'spec.namespaceSelector'],
  dependence: 'none',
  sentence: 'A PodMonitor scrapes the Pods that its selector matches, in its namespace unless it says others.',
  infer: (object: Monitor, refer) => scrapes(object, 'Pod', refer),
} as const satisfies Rule;

// Scrape targets of the Prometheus operator's monitors.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject, LabelSelector } from '../../src/model.ts';
import type { Namespaces, Rule } from './relation.ts';
import { podsAndTemplates, selectPods } from './selecting.ts';

const serviceMonitor = 'ServiceMonitor.monitoring.coreos.com';
const podMonitor = 'PodMonitor.monitoring.coreos.com';

interface Monitor extends KubernetesObject {
  readonly spec?: {
    readonly selector?: LabelSelector | null;
    readonly namespaceSelector?: { readonly any?: unknown; readonly matchNames?: readonly unknown[] } | null;
  } | null;
}

/** Not a label selector: `any`, a list of names, or if both are absent the monitor's own namespace. */
function namespacesOf(object: Monitor): Namespaces {
  const selector = object.spec?.namespaceSelector;
  if (selector?.any === true) return { all: true };
  const names = itemsOf(selector?.matchNames).filter((name) => isName(name));
  if (names.length > 0) return { in: names };
  return { in: object.metadata.namespace ? [object.metadata.namespace] : [] };
}

export const serviceMonitorScrapes = {
  name: 'service-monitor-scrapes',
  relation: 'scrapes',
  reads: [serviceMonitor],
  source: [serviceMonitor],
  target: ['Service'],
  fields: ['spec.selector', 'spec.namespaceSelector'],
  dependence: 'none',
  sentence:
    'A ServiceMonitor scrapes the Services that its selector matches, in its own namespace or those in spec.namespaceSelector.',
  infer(object: Monitor, refer) {
    const selector = object.spec?.selector;
    if (!isRecord(selector)) return;
    const target = { by: 'labels', type: 'Service', namespaces: namespacesOf(object), selector } as const;
    refer({ target, field: 'spec.selector' });
  },
} as const satisfies Rule;

export const podMonitorScrapes = {
  name: 'pod-monitor-scrapes',
  relation: 'scrapes',
  reads: [podMonitor],
  source: [podMonitor],
  target: podsAndTemplates,
  fields: ['spec.selector', 'spec.namespaceSelector'],
  dependence: 'none',
  sentence:
    'A PodMonitor scrapes the Pods that its selector matches, in its own namespace or those in spec.namespaceSelector.',
  infer(object: Monitor, refer) {
    const selector = object.spec?.selector;
    if (isRecord(selector)) selectPods({ namespaces: namespacesOf(object), selector, field: 'spec.selector' }, refer);
  },
} as const satisfies Rule;

// ServiceMonitors of the Prometheus operator that scrape nothing.
import type { Vertex } from '../graph/model/vertex.ts';
import type { FindingView, Found, ResourceFindingRule } from './finding-rule.ts';
import { called, listed, metadataOf, recordsOf, specOf, textAt } from './reading.ts';
import { portsOf } from './routed.ts';

const serviceMonitor = 'ServiceMonitor.monitoring.coreos.com';

export const monitorSelectsNothing = {
  name: 'monitor-selects-nothing',
  group: 'delivery',
  class: 'risk',
  severity: 'low',
  sentence: 'A ServiceMonitor matches no Service: nothing is measured, and no alert on it will ever fire.',
  remedy: 'Correct its selector or its namespaceSelector, or delete it.',
  link: 'https://prometheus-operator.dev/docs/platform/troubleshooting/',
  types: [serviceMonitor],
  reads: ['Service'],
  of(monitor, view) {
    if (view.anyTarget(monitor, () => true, 'scrapes')) return undefined;
    const created = metadataOf(monitor, view)['creationTimestamp'];
    const sentence = `${called(monitor)} scrapes nothing: it matches no Service`;
    return { on: monitor, field: 'spec.selector', since: created, sentence };
  },
} as const satisfies ResourceFindingRule;

export const monitorPortUnknown = {
  name: 'monitor-port-unknown',
  group: 'delivery',
  class: 'risk',
  severity: 'medium',
  sentence:
    'An endpoint of a ServiceMonitor names a port that none of its Services has: it scrapes nothing. Exception: targetPort, which is a port of the Pods.',
  remedy: "Use the name of one of the Service's ports: a number does not work here.",
  link: 'https://prometheus-operator.dev/docs/platform/troubleshooting/',
  types: [serviceMonitor],
  reads: [],
  of(monitor, view) {
    const services = [...view.out(monitor, 'scrapes')].filter(({ target }) => target.present);
    if (services.length === 0) return undefined;
    const names = new Set(services.flatMap(({ target }) => namesOfPorts(target, view)));
    return recordsOf(specOf(monitor, view)['endpoints']).flatMap(({ at, item }): Found[] => {
      const port = textAt(item, 'port');
      if (port === '' || names.has(port)) return [];
      const of = listed(services.map(({ target }) => called(target)));
      const sentence = `${called(monitor)} scrapes the port ${port}, which ${of} ${services.length > 1 ? 'do' : 'does'} not have`;
      return [{ on: monitor, field: `spec.endpoints[${at}].port`, key: port, path: services.slice(0, 3), sentence }];
    });
  },
} as const satisfies ResourceFindingRule;

function namesOfPorts(service: Vertex, view: FindingView): readonly string[] {
  return portsOf(service, view).map((port) => textAt(port, 'name'));
}

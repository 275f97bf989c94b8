import { podMonitorScrapes, serviceMonitorScrapes } from '../../../master/relations/prometheus.ts';
import type { Namespaces, Reference, Rule } from '../../../master/relations/relation.ts';
import type { LabelSelector } from '../../../src/model.ts';
import { object, podsSelected, ruleCases } from '../../support/rule-cases.ts';

type Selects = (selector: LabelSelector, namespaces: Namespaces) => Reference[];

const services: Selects = (selector, namespaces) => [
  { target: { by: 'labels', type: 'Service', namespaces, selector }, field: 'spec.selector' },
];
const pods: Selects = (selector, namespaces) => podsSelected(selector, 'spec.selector', namespaces);

function casesOf(rule: Rule, kind: string, selects: Selects): void {
  const monitor = (spec: object) => object('monitoring.coreos.com/v1', kind, { spec });
  const selector = { matchLabels: { app: 'web' } };
  ruleCases(rule, [
    {
      says: 'it scrapes what its selector matches in its own namespace',
      object: monitor({ selector }),
      refers: selects(selector, { in: ['shop'] }),
    },
    {
      says: 'it scrapes in the namespaces it names',
      object: monitor({ selector, namespaceSelector: { matchNames: ['a', 'b'] } }),
      refers: selects(selector, { in: ['a', 'b'] }),
    },
    {
      says: 'it scrapes in any namespace where it says so',
      object: monitor({ selector, namespaceSelector: { any: true, matchNames: ['a'] } }),
      refers: selects(selector, { all: true }),
    },
    {
      says: 'an empty selector matches all',
      object: monitor({ selector: {} }),
      refers: selects({}, { in: ['shop'] }),
    },
    { says: 'an absent selector matches nothing', object: monitor({}), refers: [] },
  ]);
}

casesOf(serviceMonitorScrapes, 'ServiceMonitor', services);
casesOf(podMonitorScrapes, 'PodMonitor', pods);

import { podMonitorScrapes, serviceMonitorScrapes } from '../../../master/relations/prometheus.ts';
import type { Rule } from '../../../master/relations/relation.ts';
import { labelled, object, ruleCases } from '../../support/rule-cases.ts';

function casesOf(rule: Rule, kind: string, type: string): void {
  const monitor = (spec: object) => object('monitoring.coreos.com/v1', kind, { spec });
  const selector = { matchLabels: { app: 'web' } };
  ruleCases(rule, [
    {
      says: 'it scrapes what its selector matches in its own namespace',
      object: monitor({ selector }),
      refers: [{ target: labelled(type, selector, 'shop'), field: 'spec.selector' }],
    },
    {
      says: 'it scrapes in the namespaces it names',
      object: monitor({ selector, namespaceSelector: { matchNames: ['a', 'b'] } }),
      refers: [{ target: labelled(type, selector, 'a', 'b'), field: 'spec.selector' }],
    },
    {
      says: 'it scrapes in any namespace where it says so',
      object: monitor({ selector, namespaceSelector: { any: true, matchNames: ['a'] } }),
      refers: [{ target: labelled(type, selector), field: 'spec.selector' }],
    },
    {
      says: 'an empty selector matches all',
      object: monitor({ selector: {} }),
      refers: [{ target: labelled(type, {}, 'shop'), field: 'spec.selector' }],
    },
    { says: 'an absent selector matches nothing', object: monitor({}), refers: [] },
  ]);
}

casesOf(serviceMonitorScrapes, 'ServiceMonitor', 'Service');
casesOf(podMonitorScrapes, 'PodMonitor', 'Pod');

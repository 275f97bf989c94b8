// ServiceMonitors of the Prometheus operator that scrape nothing.
import { monitorPortUnknown, monitorSelectsNothing } from '../../../master/findings/monitors.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { an, service } from '../../support/finding-graph.ts';

const web = {
  ...service('web', { ports: [{ name: 'http', port: 80 }] }),
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
};
const monitor = (app: string, endpoint: object = { port: 'http' }) =>
  an('monitoring.coreos.com/v1 ServiceMonitor', 'shop/m', {
    spec: { selector: { matchLabels: { app } }, endpoints: [endpoint] },
  });
const found = ['ServiceMonitor.monitoring.coreos.com:shop/m'];

findingCases(monitorSelectsNothing, [
  { says: 'a selector that no Service meets', objects: [monitor('wed'), web], finds: found, and: { class: 'risk' } },
  { says: 'a selector that one meets', objects: [monitor('web'), web], finds: [] },
  { says: 'Services that are not read', objects: [monitor('wed')], unknown: ['Service'], finds: [] },
]);

findingCases(monitorPortUnknown, [
  {
    says: 'a name that no port has',
    objects: [monitor('web', { port: 'metrics' }), web],
    finds: found,
    and: { field: 'spec.endpoints[0].port' },
  },
  { says: 'a name that one has', objects: [monitor('web'), web], finds: [] },
  { says: 'a port of the Pods', objects: [monitor('web', { targetPort: 9090 }), web], finds: [] },
  { says: 'no Service, which is another finding', objects: [monitor('wed', { port: 'metrics' }), web], finds: [] },
]);

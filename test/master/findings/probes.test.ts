// Probes that can never succeed.
import { probePortUnknown } from '../../../master/findings/probes.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { deployment, owner, pod } from '../../support/finding-graph.ts';

const web = (probe: object, more: object = {}) => ({
  containers: [
    { name: 'web', image: 'web:1', ports: [{ name: 'http', containerPort: 8080 }], ...probe, ...more },
    { name: 'proxy', image: 'proxy:1', ports: [{ name: 'admin', containerPort: 9901 }] },
  ],
});
const http = (port: unknown) => ({ readinessProbe: { httpGet: { path: '/', port } } });

findingCases(
  probePortUnknown,
  [
    {
      says: 'a name with a typing error',
      objects: [deployment('web', web(http('htpp')))],
      finds: ['Deployment:shop/web'],
      and: { field: 'spec.template.spec.containers[0].readinessProbe.httpGet.port', sentence: /htpp/ },
    },
    {
      says: 'a port of another container',
      objects: [deployment('web', web({ livenessProbe: { tcpSocket: { port: 'admin' } } }))],
      finds: ['Deployment:shop/web'],
    },
    { says: 'a port of its own', objects: [deployment('web', web(http('http')))], finds: [] },
    { says: 'a number, which need not be declared', objects: [deployment('web', web(http(9999)))], finds: [] },
    { says: 'a number in quotes', objects: [deployment('web', web(http('9999')))], finds: [] },
    {
      says: 'a Pod of a template that says it',
      objects: [deployment('web', web(http('http'))), pod('a', web(http('lost')), {}, owner('Deployment', 'shop/web'))],
      finds: [],
    },
  ],
  { alone: true },
);

import {
  serviceExternalIp,
  serviceExternalName,
  serviceLoadBalancer,
} from '../../../master/relations/service-hosts.ts';
import { named, object, ruleCases } from '../../support/rule-cases.ts';

const service = (spec: object, status: object = {}) => object('v1', 'Service', { spec, status });

ruleCases(serviceExternalName, [
  {
    says: 'a Service of type ExternalName resolves to its host',
    object: service({ type: 'ExternalName', externalName: 'db.example.com' }),
    refers: [{ target: named('Host', 'db.example.com'), field: 'spec.externalName' }],
  },
  {
    says: 'a name that was left behind by another type is void',
    object: service({ type: 'ClusterIP', externalName: 'db.example.com' }),
    refers: [],
  },
]);

ruleCases(serviceExternalIp, [
  {
    says: 'a Service is exposed at each external address',
    object: service({ externalIPs: ['192.0.2.1', '192.0.2.2'] }),
    refers: [
      { target: named('Host', '192.0.2.1'), field: 'spec.externalIPs[0]' },
      { target: named('Host', '192.0.2.2'), field: 'spec.externalIPs[1]' },
    ],
  },
  { says: 'a Service without any is not', object: service({}), refers: [] },
]);

ruleCases(serviceLoadBalancer, [
  {
    says: 'a Service is exposed at its load balancer’s addresses and names',
    object: service({}, { loadBalancer: { ingress: [{ ip: '203.0.113.7' }, { hostname: 'lb.example.com' }] } }),
    refers: [
      { target: named('Host', '203.0.113.7'), field: 'status.loadBalancer.ingress[0].ip' },
      { target: named('Host', 'lb.example.com'), field: 'status.loadBalancer.ingress[1].hostname' },
    ],
  },
  {
    says: 'a load balancer that is not there yet exposes nothing',
    object: service({}, { loadBalancer: {} }),
    refers: [],
  },
]);

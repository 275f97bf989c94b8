import { containerConnectsTo, observedConnectsTo } from '../../../master/relations/container-connections.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { named, object, ruleCases } from '../../support/rule-cases.ts';

const seen = (...connectsTo: object[]): KubernetesObject =>
  ({
    ...object('v1', 'Container', {}, { name: 'app', namespace: 'shop', pod: 'web-0' }),
    observed: { connectsTo },
  }) as KubernetesObject;
const since = '2026-11-20T10:00:00.000Z';

ruleCases(containerConnectsTo, [
  {
    says: 'a Container connects to a Container, by a port and through the Service that was dialled',
    object: seen({ to: 'Container:shop/db-0/postgres', ports: [5432], via: 'Service:shop/db', since }),
    refers: [
      {
        target: named('Container', 'db-0/postgres', 'shop'),
        field: 'observed.connectsTo[0].to',
        notes: { observed: true, since, port: 5432, via: 'Service:shop/db' },
      },
    ],
  },
  {
    says: 'several ports are one relation, and what failed last says so',
    object: seen({ to: 'Service:shop/db', ports: [80, 443], failed: true, since }),
    refers: [
      {
        target: named('Service', 'db', 'shop'),
        field: 'observed.connectsTo[0].to',
        notes: { observed: true, since, ports: '80,443', failed: true },
      },
    ],
  },
  {
    says: 'what lies outside is in no namespace, whatever slashes it has',
    object: seen({ to: 'CIDR:0.0.0.0/0', ports: [], since }, { to: 'Host:198.51.100.7', ports: [443], since }),
    refers: [
      { target: named('CIDR', '0.0.0.0/0'), field: 'observed.connectsTo[0].to', notes: { observed: true, since } },
      {
        target: named('Host', '198.51.100.7'),
        field: 'observed.connectsTo[1].to',
        notes: { observed: true, since, port: 443 },
      },
    ],
  },
  { says: 'a Container of a node without probes connects to nothing that is known', object: seen(), refers: [] },
]);

const bySome = (kind: string, ...observedConnections: unknown[]): KubernetesObject =>
  ({ ...object('apps/v1', kind, {}, { name: 'web', namespace: 'shop' }), observedConnections }) as KubernetesObject;

ruleCases(observedConnectsTo, [
  {
    says: 'a workload connects to a workload, by the word of those who saw it',
    object: bySome('Deployment', { to: 'StatefulSet:shop/db', ports: [5432], since, by: ['istio', 'obi'] }),
    refers: [
      {
        target: named('StatefulSet', 'db', 'shop'),
        field: 'observedConnections[0].to',
        notes: { observed: true, since, port: 5432, by: 'istio,obi' },
      },
    ],
  },
  {
    says: 'what is of another shape is no connection',
    object: bySome('Deployment', null, { to: 7 }, { to: 'nonsense' }, { to: 'Node:node-a', by: 'x', ports: 'y' }),
    refers: [{ target: named('Node', 'node-a'), field: 'observedConnections[3].to', notes: { observed: true } }],
  },
  { says: 'what nobody saw connects to nothing that is known', object: bySome('Deployment'), refers: [] },
]);

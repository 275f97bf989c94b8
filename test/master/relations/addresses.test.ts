import { nodeAddress, podAddress, serviceAddress } from '../../../master/relations/addresses.ts';
import { clusterObject, object, pod, ruleCases } from '../../support/rule-cases.ts';

const at = (key: string, field: string) => ({ states: { index: 'address', key }, field });
const withStatus = (status: object, spec: object = {}) => ({ ...pod(spec), status });

ruleCases(podAddress, [
  {
    says: 'a Pod is found by each of its addresses, in the form that all write them in',
    object: withStatus({ phase: 'Running', podIP: '10.0.0.9', podIPs: [{ ip: '10.0.0.9' }, { ip: 'FD00:0:0::9' }] }),
    refers: [at('10.0.0.9', 'status.podIPs[0].ip'), at('fd00::9', 'status.podIPs[1].ip')],
  },
  {
    says: 'before there were lists it had one',
    object: withStatus({ podIP: '10.0.0.9' }),
    refers: [at('10.0.0.9', 'status.podIP')],
  },
  {
    says: 'a Pod in its Node’s network has the Node’s address, which is not its own',
    object: withStatus({ podIPs: [{ ip: '192.0.2.7' }] }, { hostNetwork: true }),
    refers: [],
  },
  {
    says: 'the address of a finished Pod may be another’s',
    object: withStatus({ phase: 'Failed', podIP: '10.0.0.9' }),
    refers: [],
  },
  { says: 'a Pod that waits has none', object: pod(), refers: [] },
]);

const service = (spec: object) => object('v1', 'Service', { spec });

ruleCases(serviceAddress, [
  {
    says: 'a Service is found by its cluster addresses',
    object: service({ clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10', 'fd00::10'] }),
    refers: [at('10.96.0.10', 'spec.clusterIPs[0]'), at('fd00::10', 'spec.clusterIPs[1]')],
  },
  {
    says: 'one address alone is enough',
    object: service({ clusterIP: '10.96.0.1' }),
    refers: [at('10.96.0.1', 'spec.clusterIP')],
  },
  { says: 'a headless Service has none', object: service({ clusterIP: 'None', clusterIPs: ['None'] }), refers: [] },
]);

const node = (addresses: unknown) => clusterObject('v1', 'Node', { status: { addresses } });

ruleCases(nodeAddress, [
  {
    says: 'a Node is found by its addresses, each once, and not by its names',
    object: node([
      { type: 'Hostname', address: 'node-1' },
      { type: 'InternalIP', address: '192.0.2.7' },
      { type: 'ExternalIP', address: '192.0.2.7' },
      { type: 'ExternalIP', address: '203.0.113.7' },
    ]),
    refers: [at('192.0.2.7', 'status.addresses[1].address'), at('203.0.113.7', 'status.addresses[3].address')],
  },
  { says: 'a Node that has not come up has none', object: node(undefined), refers: [] },
]);

import { ipAddressParent } from '../../../master/relations/ip-address.ts';
import { clusterObject, named, ruleCases } from '../../support/rule-cases.ts';

const address = (parentRef: unknown) => clusterObject('networking.k8s.io/v1', 'IPAddress', { spec: { parentRef } });

ruleCases(ipAddressParent, [
  {
    says: 'an address belongs to the Service it is allocated to',
    object: address({ group: '', resource: 'services', namespace: 'shop', name: 'web' }),
    refers: [{ target: named('Service', 'web', 'shop'), field: 'spec.parentRef' }],
  },
  {
    says: 'a Gateway may have one, too',
    object: address({ group: 'gateway.networking.k8s.io', resource: 'gateways', namespace: 'edge', name: 'gw' }),
    refers: [{ target: named('Gateway.gateway.networking.k8s.io', 'gw', 'edge'), field: 'spec.parentRef' }],
  },
  {
    says: 'of a resource that nobody knows the kind is not known',
    object: address({ resource: 'things', name: 'x' }),
    refers: [],
  },
  { says: 'an address without a parent belongs to none', object: address(undefined), refers: [] },
]);

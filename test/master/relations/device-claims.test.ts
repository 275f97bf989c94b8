import {
  resourceClaimDeviceClass,
  resourceClaimNodes,
  resourceClaimReservedFor,
  resourceClaimTemplateDeviceClass,
  resourceSliceNode,
  resourceSliceNodes,
} from '../../../master/relations/device-claims.ts';
import { clusterObject, labelled, named, object, ruleCases } from '../../support/rule-cases.ts';

const group = 'resource.k8s.io';
const claim = (fields: object, version = 'v1') => object(`${group}/${version}`, 'ResourceClaim', fields);
const slice = (spec: object) => clusterObject(`${group}/v1`, 'ResourceSlice', { spec });
const requests = [
  { name: 'a', exactly: { deviceClassName: 'gpu' } },
  { name: 'b', firstAvailable: [{ deviceClassName: 'big' }, { deviceClassName: 'small' }] },
];
const asked = (path: string, template?: true) => [
  { target: named('DeviceClass', 'gpu'), field: `${path}[0].exactly.deviceClassName`, template },
  { target: named('DeviceClass', 'big'), field: `${path}[1].firstAvailable[0].deviceClassName`, template },
  { target: named('DeviceClass', 'small'), field: `${path}[1].firstAvailable[1].deviceClassName`, template },
];

ruleCases(resourceClaimDeviceClass, [
  {
    says: 'a claim asks devices of classes, the first that is available',
    object: claim({ spec: { devices: { requests } } }),
    refers: asked('spec.devices.requests'),
  },
  {
    says: 'an older version names the class in the request itself',
    object: claim({ spec: { devices: { requests: [{ name: 'a', deviceClassName: 'gpu' }] } } }, 'v1beta1'),
    refers: [{ target: named('DeviceClass', 'gpu'), field: 'spec.devices.requests[0].deviceClassName' }],
  },
  { says: 'a claim without requests asks for none', object: claim({ spec: { devices: {} } }), refers: [] },
]);

ruleCases(resourceClaimTemplateDeviceClass, [
  {
    says: 'a template asks as its claims will',
    object: object(`${group}/v1`, 'ResourceClaimTemplate', { spec: { spec: { devices: { requests } } } }),
    refers: asked('spec.spec.devices.requests', true),
  },
  { says: 'an empty one does not', object: object(`${group}/v1`, 'ResourceClaimTemplate', { spec: {} }), refers: [] },
]);

ruleCases(resourceClaimReservedFor, [
  {
    says: 'a claim is reserved for Pods, by UID',
    object: claim({ status: { reservedFor: [{ resource: 'pods', name: 'train', uid: 'u-1' }] } }),
    refers: [
      {
        target: { by: 'uid', type: 'Pod', namespace: 'shop', name: 'train', uid: 'u-1' },
        field: 'status.reservedFor[0]',
      },
    ],
  },
  {
    says: 'a consumer of another group is no Pod',
    object: claim({ status: { reservedFor: [{ apiGroup: 'x.example.org', resource: 'pods', name: 'a' }] } }),
    refers: [],
  },
  { says: 'a claim that nobody uses is free', object: claim({}), refers: [] },
]);

ruleCases(resourceSliceNode, [
  {
    says: 'the devices of a slice are those of its Node, or each has its own',
    object: slice({ nodeName: 'n1', devices: [{ name: 'd' }, { name: 'e', nodeName: 'n2' }] }),
    refers: [
      { target: named('Node', 'n1'), field: 'spec.nodeName' },
      { target: named('Node', 'n2'), field: 'spec.devices[1].nodeName' },
    ],
  },
  { says: 'devices of all Nodes are of none in particular', object: slice({ allNodes: true }), refers: [] },
]);

const hasGpu = { key: 'gpu', operator: 'Exists' };
const selector = { nodeSelectorTerms: [{ matchExpressions: [hasGpu] }, {}] };
const found = (path: string) => ({
  target: labelled('Node', { matchExpressions: [hasGpu] }),
  field: `${path}.nodeSelectorTerms[0].matchExpressions`,
});

ruleCases(resourceSliceNodes, [
  {
    says: 'devices may be reached from the Nodes that a term matches; an empty term matches none',
    object: slice({ nodeSelector: selector, devices: [{ name: 'd', nodeSelector: selector }] }),
    refers: [found('spec.nodeSelector'), found('spec.devices[0].nodeSelector')],
  },
  { says: 'without a selector there is nothing to match', object: slice({}), refers: [] },
]);

ruleCases(resourceClaimNodes, [
  {
    says: 'a claim is bound to the Nodes from which its devices can be reached',
    object: claim({ status: { allocation: { nodeSelector: selector } } }),
    refers: [found('status.allocation.nodeSelector')],
  },
  { says: 'one that was given nothing is bound to none', object: claim({ status: {} }), refers: [] },
]);

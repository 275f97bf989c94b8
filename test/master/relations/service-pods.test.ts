import { serviceSelector, serviceTargetRef } from '../../../master/relations/service-pods.ts';
import { labelled, named, object, ruleCases } from '../../support/rule-cases.ts';

const service = (spec: object) => object('v1', 'Service', { spec });

ruleCases(serviceSelector, [
  {
    says: 'a Service load balances the Pods of its own namespace that its selector matches',
    object: service({ selector: { app: 'web', tier: 'front' } }),
    refers: [
      { target: labelled('Pod', { matchLabels: { app: 'web', tier: 'front' } }, 'shop'), field: 'spec.selector' },
    ],
  },
  { says: 'an empty selector selects nothing', object: service({ selector: {} }), refers: [] },
  { says: 'an absent selector selects nothing', object: service({}), refers: [] },
  {
    says: 'a Service of type ExternalName selects nothing, whatever its selector',
    object: service({ type: 'ExternalName', externalName: 'db.example.com', selector: { app: 'web' } }),
    refers: [],
  },
]);

const label = { 'kubernetes.io/service-name': 'web' };
const slice = (endpoints: unknown[], metadata: object = { labels: label }) =>
  object('discovery.k8s.io/v1', 'EndpointSlice', { addressType: 'IPv4', endpoints }, metadata);
const ref = (name: string) => ({ kind: 'Pod', namespace: 'shop', name, uid: `uid-of-${name}` });
const byUid = (name: string) => ({ by: 'uid', type: 'Pod', namespace: 'shop', name, uid: `uid-of-${name}` }) as const;
const source = named('Service', 'web', 'shop');

ruleCases(serviceTargetRef, [
  {
    says: 'a Service load balances the Pods its slices refer to, each ready or not',
    object: slice([
      { targetRef: ref('web-0'), conditions: { ready: true } },
      { targetRef: ref('web-1'), conditions: { ready: false, terminating: true } },
    ]),
    refers: [
      { source, target: byUid('web-0'), field: 'endpoints[0].targetRef', ready: true },
      { source, target: byUid('web-1'), field: 'endpoints[1].targetRef', ready: false },
    ],
  },
  {
    says: 'an endpoint that does not say whether it is ready is ready',
    object: slice([{ targetRef: ref('web-0') }]),
    refers: [{ source, target: byUid('web-0'), field: 'endpoints[0].targetRef', ready: true }],
  },
  {
    says: 'the second slice of a dual-stack Service says the same of the same Pod',
    object: slice([{ addresses: ['fd00::1'], targetRef: ref('web-0') }]),
    refers: [{ source, target: byUid('web-0'), field: 'endpoints[0].targetRef', ready: true }],
  },
  {
    says: 'a slice without the label is its owner’s',
    object: slice([{ targetRef: ref('web-0') }], {
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'u', controller: true }],
    }),
    refers: [{ source, target: byUid('web-0'), field: 'endpoints[0].targetRef', ready: true }],
  },
  {
    says: 'a reference without a UID is by name',
    object: slice([{ targetRef: { kind: 'Pod', name: 'web-0' } }]),
    refers: [{ source, target: named('Pod', 'web-0', 'shop'), field: 'endpoints[0].targetRef', ready: true }],
  },
  { says: 'a slice that is no Service’s says nothing', object: slice([{ targetRef: ref('web-0') }], {}), refers: [] },
  {
    says: 'a slice of a Service of Knative is not the core one’s',
    object: slice([{ targetRef: ref('web-0') }], {
      ownerReferences: [{ apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'web', uid: 'u' }],
    }),
    refers: [],
  },
  { says: 'an address that is no Pod’s is no Pod', object: slice([{ addresses: ['10.0.0.9'] }]), refers: [] },
  { says: 'a slice of null endpoints is empty', object: { ...slice([]), endpoints: null }, refers: [] },
]);

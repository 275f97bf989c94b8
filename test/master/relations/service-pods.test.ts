import {
  serviceEndpointAddress,
  serviceSelector,
  serviceSliced,
  serviceTargetRef,
  sliceBelongsToService,
} from '../../../master/relations/service-pods.ts';
import { inShop, named, object, podsSelected, ruleCases } from '../../support/rule-cases.ts';

const unlessSliced = { when: { unless: { index: 'sliced', key: 'shop/it' } } };
const service = (spec: object) => object('v1', 'Service', { spec });

ruleCases(serviceSelector, [
  {
    says: 'a Service load balances the Pods of its own namespace that its selector matches',
    object: service({ selector: { app: 'web', tier: 'front' } }),
    refers: podsSelected({ matchLabels: { app: 'web', tier: 'front' } }, 'spec.selector', inShop, unlessSliced),
  },
  {
    says: 'a Service that publishes addresses which are not ready sends them traffic',
    object: service({ selector: { app: 'web' }, publishNotReadyAddresses: true }),
    refers: podsSelected({ matchLabels: { app: 'web' } }, 'spec.selector', inShop, { ...unlessSliced, ready: true }),
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
      { source, target: byUid('web-1'), field: 'endpoints[1].targetRef', ready: false, notes: { terminating: true } },
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

const atAddress = (key: string) => ({ by: 'key', index: 'address', key, only: true }) as const;
const host = (name: string) => ({ by: 'name', type: 'Host', name }) as const;

ruleCases(serviceEndpointAddress, [
  {
    says: 'an endpoint without an object is whoever has its address, or else a host',
    object: slice([{ addresses: ['10.0.0.9'] }, { addresses: ['FD00:0::7'], conditions: { ready: false } }]),
    refers: [
      {
        source,
        target: { by: 'first', of: [atAddress('10.0.0.9')], otherwise: host('10.0.0.9') },
        field: 'endpoints[0].addresses[0]',
        ready: true,
      },
      {
        source,
        target: { by: 'first', of: [atAddress('fd00::7')], otherwise: host('fd00::7') },
        field: 'endpoints[1].addresses[0]',
        ready: false,
      },
    ],
  },
  {
    says: 'an endpoint by a name outside is a host',
    object: slice([{ addresses: ['DB.example.com.'] }]),
    refers: [{ source, target: host('db.example.com'), field: 'endpoints[0].addresses[0]', ready: true }],
  },
  {
    says: 'an endpoint by the name of a Service is that Service',
    object: slice([{ addresses: ['db.data.svc.cluster.local'] }]),
    refers: [{ source, target: named('Service', 'db', 'data'), field: 'endpoints[0].addresses[0]', ready: true }],
  },
  {
    says: 'an endpoint of a Pod is said by the Pod',
    object: slice([{ addresses: ['10.0.0.9'], targetRef: ref('web-0') }]),
    refers: [],
  },
]);

const byLabel = 'metadata.labels["kubernetes.io/service-name"]';
const owner = { ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'u', controller: true }] };

ruleCases(sliceBelongsToService, [
  {
    says: 'a slice that somebody wrote belongs to the Service its label names',
    object: slice([]),
    refers: [{ target: source, field: byLabel }],
  },
  { says: 'one that is owned has a relation already', object: slice([], { labels: label, ...owner }), refers: [] },
  { says: 'one without the label belongs to none', object: slice([], {}), refers: [] },
]);

ruleCases(serviceSliced, [
  {
    says: 'a slice says that its Service has slices, be it empty',
    object: slice([]),
    refers: [{ states: { index: 'sliced', key: 'shop/web' }, field: byLabel }],
  },
  {
    says: 'so does one that its Service owns',
    object: slice([], owner),
    refers: [{ states: { index: 'sliced', key: 'shop/web' }, field: byLabel }],
  },
  { says: 'a slice that is no Service’s says nothing', object: slice([], {}), refers: [] },
]);

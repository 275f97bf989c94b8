// Hosts for which nothing answers.
import { hostLeadsNowhere } from '../../../master/findings/hosts.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { an, ingress, pod, service, slice } from '../../support/finding-graph.ts';

const manyToNothing = (count: number) =>
  Array.from({ length: count }, (_, i) => ingress(`i${i}`, 'shop.example', `gone${i}`));

const dead = [service('cart'), pod('a', {}, { ready: false }), slice('cart', { a: false })];

findingCases(hostLeadsNowhere, [
  {
    says: 'its only Service has no ready endpoint',
    objects: [...dead, ingress('shop', 'shop.example', 'cart')],
    finds: ['Host:shop.example'],
    and: { severity: 'critical', sentence: /has no ready endpoint/ },
  },
  {
    says: 'endpoints by hand that are not ready',
    objects: [
      service('db', { selector: undefined }),
      an(
        'EndpointSlice',
        'shop/db-1',
        { addressType: 'IPv4', endpoints: [{ addresses: ['10.9.9.9'], conditions: { ready: false } }], ports: [] },
        { labels: { 'kubernetes.io/service-name': 'db' } },
      ),
      ingress('shop', 'shop.example', 'db'),
    ],
    finds: ['Host:shop.example'],
  },
  {
    says: 'no endpoints by hand at all',
    objects: [service('db', { selector: undefined }), ingress('shop', 'shop.example', 'db')],
    finds: ['Host:shop.example'],
    and: { sentence: /has no endpoint/ },
  },
  {
    says: 'no endpoints by hand in files, which lack them',
    objects: [service('db', { selector: undefined }), ingress('shop', 'shop.example', 'db')],
    ofFiles: true,
    finds: [],
  },
  {
    says: 'an alias of an outside host',
    objects: [
      service('db', { selector: undefined, type: 'ExternalName', externalName: 'db.example.com' }),
      ingress('shop', 'shop.example', 'db'),
    ],
    finds: [],
  },
  {
    says: 'its only Service does not exist',
    objects: [ingress('shop', 'shop.example', 'gone')],
    finds: ['Host:shop.example'],
  },
  {
    says: 'another route serves it',
    objects: [
      ...dead,
      ingress('shop', 'shop.example', 'cart'),
      ingress('too', 'shop.example', 'live'),
      service('live', { selector: { app: 'live' } }),
      pod('l', {}, {}, { labels: { app: 'live' } }),
      slice('live', { l: true }),
    ],
    finds: [],
  },
  {
    says: 'the last of very many routes serves it',
    objects: [
      ...manyToNothing(70),
      ingress('zz', 'shop.example', 'live'),
      service('live', { selector: { app: 'live' } }),
      pod('l', {}, {}, { labels: { app: 'live' } }),
      slice('live', { l: true }),
    ],
    finds: [],
  },
  { says: 'none of very many routes serves it', objects: manyToNothing(70), finds: ['Host:shop.example'] },
  {
    says: 'Pods that cannot be read',
    objects: [service('cart'), ingress('shop', 'shop.example', 'cart')],
    unknown: ['Pod'],
    finds: [],
  },
]);

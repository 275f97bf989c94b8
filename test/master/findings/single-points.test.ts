// What the loss of one resource affects.
import { singlePointOfFailure } from '../../../master/findings/single-points.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { an, ingress, pod, service, slice } from '../../support/finding-graph.ts';

const nodes = [an('Node', 'n1'), an('Node', 'n2')];
const hosts = ['a', 'b', 'c'].map((name) => ingress(name, `${name}.example`, 'cart'));

findingCases(singlePointOfFailure, [
  {
    says: 'one Node under three hosts',
    objects: [...nodes, ...hosts, service('cart'), pod('a'), slice('cart', { a: true })],
    finds: ['Node:n1'],
  },
  {
    says: 'on two Nodes',
    objects: [
      ...nodes,
      ...hosts,
      service('cart'),
      pod('a'),
      pod('b', { nodeName: 'n2' }),
      slice('cart', { a: true, b: true }),
    ],
    finds: [],
  },
  {
    says: 'under two hosts',
    objects: [...nodes, ...hosts.slice(0, 2), service('cart'), pod('a'), slice('cart', { a: true })],
    finds: [],
  },
  {
    says: 'the only Node',
    objects: [...nodes.slice(0, 1), ...hosts, service('cart'), pod('a'), slice('cart', { a: true })],
    finds: [],
  },
]);

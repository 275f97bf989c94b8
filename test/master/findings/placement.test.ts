// Replicas that share a Node, and Nodes that cannot be drained or lost.
import {
  nodeCannotDrain,
  noRoomForNodeLoss,
  podWithoutController,
  replicasOnOneNode,
} from '../../../master/findings/placement.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, condition, owner, pod, service, slice } from '../../support/finding-graph.ts';

const node = (name: string, spec: object = {}, status: object = {}) =>
  an('Node', name, {
    spec,
    status: { conditions: [condition('Ready', 'True')], allocatable: { cpu: '4', memory: '8Gi' }, ...status },
  });
const both = [service('cart'), pod('a'), pod('b'), slice('cart', { a: true, b: true })];

findingCases(replicasOnOneNode, [
  {
    says: 'both run on one, and another would take them',
    objects: [...both, node('n1'), node('n2')],
    finds: ['Service:shop/cart'],
  },
  { says: 'the only Node', objects: [...both, node('n1')], finds: [] },
  { says: 'the other is cordoned', objects: [...both, node('n1'), node('n2', { unschedulable: true })], finds: [] },
  {
    says: 'on two',
    objects: [
      service('cart'),
      pod('a'),
      pod('b', { nodeName: 'n2' }),
      slice('cart', { a: true, b: true }),
      node('n1'),
      node('n2'),
    ],
    finds: [],
  },
  {
    says: 'one of a kind',
    objects: [service('cart'), pod('a'), slice('cart', { a: true }), node('n1'), node('n2')],
    finds: [],
  },
]);

const blocking = an('PodDisruptionBudget', 'shop/b', {
  spec: { selector: { matchLabels: { app: 'web' } }, minAvailable: 1 },
  status: { disruptionsAllowed: 0, currentHealthy: 1, expectedPods: 1 },
});

findingCases(nodeCannotDrain, [
  {
    says: 'a budget allows no eviction',
    objects: [node('n1'), pod('a'), blocking],
    finds: ['Node:n1'],
    and: { severity: 'high' },
  },
  {
    says: 'and somebody is trying to',
    objects: [node('n1', { unschedulable: true }), pod('a'), blocking],
    finds: ['Node:n1'],
    and: { severity: 'critical' },
  },
  {
    says: 'it allows one',
    objects: [
      node('n1'),
      pod('a'),
      { ...blocking, status: { disruptionsAllowed: 1, currentHealthy: 2, expectedPods: 2 } },
    ],
    finds: [],
  },
  {
    says: 'budgets that cannot be read',
    objects: [node('n1'), pod('a'), blocking],
    unknown: ['PodDisruptionBudget'],
    finds: [],
  },
]);

const asks = (name: string, nodeName: string, cpu: string) =>
  pod(name, { nodeName, containers: [{ name: 'a', resources: { requests: { cpu } } }] });

findingCases(noRoomForNodeLoss, [
  {
    says: 'what is requested does not fit on one less',
    objects: [node('n1'), node('n2'), asks('a', 'n1', '3'), asks('b', 'n2', '1500m')],
    finds: ['Cluster:test'],
    and: { sentence: /4.5 of cpu where 4 is left/ },
  },
  { says: 'it fits', objects: [node('n1'), node('n2'), asks('a', 'n1', '2'), asks('b', 'n2', '500m')], finds: [] },
  { says: 'the only Node', objects: [node('n1'), asks('a', 'n1', '3')], finds: [] },
]);

findingCases(podWithoutController, [
  { says: 'nothing makes it again', objects: [pod('a')], finds: ['Pod:shop/a'] },
  {
    says: 'a ReplicaSet does',
    objects: [an('ReplicaSet', 'shop/r'), pod('a', {}, {}, owner('ReplicaSet', 'shop/r'))],
    finds: [],
  },
  {
    says: 'a static one',
    objects: [pod('a', {}, {}, { annotations: { 'kubernetes.io/config.mirror': 'x' } })],
    finds: [],
  },
  { says: 'in its first day', objects: [pod('a', {}, {}, { creationTimestamp: ago(60) })], finds: [] },
  { says: 'one that has ended', objects: [pod('a', {}, { phase: 'Succeeded' })], finds: [] },
]);

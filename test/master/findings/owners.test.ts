// Missing owners, and cycles of owners.
import { ownerCycle, ownerMissing } from '../../../master/findings/owners.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, owner } from '../../support/finding-graph.ts';

findingCases(ownerMissing, [
  {
    says: 'its Deployment does not exist',
    objects: [an('ReplicaSet', 'shop/web-1', {}, owner('Deployment', 'shop/web'))],
    finds: ['ReplicaSet:shop/web-1'],
  },
  {
    says: 'it does',
    objects: [an('ReplicaSet', 'shop/web-1', {}, owner('Deployment', 'shop/web')), an('Deployment', 'shop/web')],
    finds: [],
  },
  {
    says: 'in its first ten minutes',
    objects: [an('ReplicaSet', 'shop/web-1', {}, { ...owner('Deployment', 'shop/web'), creationTimestamp: ago(5) })],
    finds: [],
  },
  {
    says: 'Deployments that are not read',
    objects: [an('ReplicaSet', 'shop/web-1', {}, owner('Deployment', 'shop/web'))],
    unknown: ['Deployment'],
    finds: [],
  },
]);

findingCases(ownerCycle, [
  {
    says: 'two that own each other are told of once',
    objects: [
      an('ConfigMap', 'shop/a', {}, owner('ConfigMap', 'shop/b')),
      an('ConfigMap', 'shop/b', {}, owner('ConfigMap', 'shop/a')),
    ],
    finds: ['ConfigMap:shop/a'],
  },
  {
    says: 'a chain',
    objects: [an('ConfigMap', 'shop/a', {}, owner('ConfigMap', 'shop/b')), an('ConfigMap', 'shop/b')],
    finds: [],
  },
]);

import { attachedToParent, policyTarget, policyTargetSelector } from '../../../master/relations/attachments.ts';
import { labelled, named, object, ruleCases } from '../../support/rule-cases.ts';

const group = 'gateway.networking.k8s.io';
const gateway = `Gateway.${group}`;
const route = (spec: object, kind = 'HTTPRoute') => object(`${group}/v1`, kind, { spec });
const custom = (spec: object) => object('example.org/v1', 'Thing', { spec });

ruleCases(attachedToParent, [
  {
    says: 'a parent is a Gateway of the route’s namespace unless it says otherwise',
    object: route({ parentRefs: [{ name: 'public' }] }),
    refers: [{ target: named(gateway, 'public', 'shop'), field: 'spec.parentRefs[0]' }],
  },
  {
    says: 'a parent may lie in another namespace',
    object: route({ parentRefs: [{ name: 'public', namespace: 'infra', sectionName: 'https' }] }),
    refers: [{ target: named(gateway, 'public', 'infra'), field: 'spec.parentRefs[0]' }],
  },
  {
    says: 'a parent of the empty group is a core Service',
    object: route({ parentRefs: [{ group: '', kind: 'Service', name: 'web' }] }),
    refers: [{ target: named('Service', 'web', 'shop'), field: 'spec.parentRefs[0]' }],
  },
  { says: 'a route without parents is attached to none', object: route({}), refers: [] },
  {
    says: 'a ListenerSet is attached to its one parent',
    object: route({ parentRef: { name: 'public', namespace: 'edge' } }, 'ListenerSet'),
    refers: [{ target: named(gateway, 'public', 'edge'), field: 'spec.parentRef' }],
  },
  {
    says: 'so is any custom kind that says which kind it means',
    object: custom({ parentRefs: [{ group, kind: 'Gateway', name: 'public' }, { name: 'unsaid' }] }),
    refers: [{ target: named(gateway, 'public', 'shop'), field: 'spec.parentRefs[0]' }],
  },
  {
    says: 'a parent of the API server’s own kinds has a rule of its own',
    object: object('networking.k8s.io/v1', 'IPAddress', { spec: { parentRef: { resource: 'services', name: 'a' } } }),
    refers: [],
  },
]);

ruleCases(policyTarget, [
  {
    says: 'a policy is attached to each of its targets',
    object: custom({
      targetRefs: [
        { group: '', kind: 'Service', name: 'web' },
        { group, kind: 'Gateway', name: 'public', sectionName: 'https' },
      ],
    }),
    refers: [
      { target: named('Service', 'web', 'shop'), field: 'spec.targetRefs[0]' },
      { target: named(gateway, 'public', 'shop'), field: 'spec.targetRefs[1]' },
    ],
  },
  {
    says: 'one target may stand alone, in another namespace, or be of a kind outside of any',
    object: custom({ targetRef: { group, kind: 'GatewayClass', name: 'gc', namespace: 'ignored' } }),
    refers: [{ target: named(`GatewayClass.${group}`, 'gc'), field: 'spec.targetRef' }],
  },
  {
    says: 'some write an apiVersion in place of the group',
    object: custom({ targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } }),
    refers: [{ target: named('Deployment', 'web', 'shop'), field: 'spec.targetRef' }],
  },
  {
    says: 'a target without a group is not guessed at',
    object: custom({ targetRef: { kind: 'X', name: 'y' } }),
    refers: [],
  },
  {
    says: 'what a vertical autoscaler scales is no target of a policy',
    object: object('autoscaling.k8s.io/v1', 'VerticalPodAutoscaler', {
      spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
    }),
    refers: [],
  },
]);

ruleCases(policyTargetSelector, [
  {
    says: 'a policy is attached to what its selectors match in its namespace',
    object: custom({ targetSelectors: [{ group, kind: 'HTTPRoute', matchLabels: { tier: 'front' } }] }),
    refers: [
      {
        target: labelled(`HTTPRoute.${group}`, { matchLabels: { tier: 'front' } }, 'shop'),
        field: 'spec.targetSelectors[0]',
      },
    ],
  },
  {
    says: 'a selector without labels selects nothing',
    object: custom({ targetSelectors: [{ group, kind: 'HTTPRoute' }] }),
    refers: [],
  },
]);

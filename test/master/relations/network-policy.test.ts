import {
  networkPolicyAllowsFromCidr,
  networkPolicyAllowsFromNamespace,
  networkPolicyAllowsFromPod,
  networkPolicyAllowsToCidr,
  networkPolicyAllowsToNamespace,
  networkPolicyAllowsToPod,
  networkPolicyRestricts,
} from '../../../master/relations/network-policy.ts';
import type { Rule } from '../../../master/relations/relation.ts';
import { inShop, labelled, named, object, podsSelected, ruleCases } from '../../support/rule-cases.ts';

const policy = (spec: object) => object('networking.k8s.io/v1', 'NetworkPolicy', { spec });
const web = { matchLabels: { app: 'web' } };
const nameLabel = 'kubernetes.io/metadata.name';
const tenant = { matchExpressions: [{ key: 'tenant', operator: 'Exists' }] };

ruleCases(networkPolicyRestricts, [
  {
    says: 'a policy restricts the Pods of its namespace that its selector matches, expressions included',
    object: policy({ podSelector: tenant }),
    refers: podsSelected(tenant, 'spec.podSelector', inShop),
  },
  {
    says: 'an empty selector matches all of the namespace',
    object: policy({ podSelector: {} }),
    refers: podsSelected({}, 'spec.podSelector', inShop),
  },
  {
    says: 'a policy without a spec restricts nothing',
    object: object('networking.k8s.io/v1', 'NetworkPolicy'),
    refers: [],
  },
]);

interface Way {
  readonly rules: 'ingress' | 'egress';
  readonly peers: 'from' | 'to';
  readonly other: 'Ingress' | 'Egress';
}

const ways = {
  from: { rules: 'ingress', peers: 'from', other: 'Egress' },
  to: { rules: 'egress', peers: 'to', other: 'Ingress' },
} as const;

function allowing({ rules, peers }: Way, ...list: object[]) {
  return policy({
    podSelector: {},
    [rules]: [{ ports: [], [peers]: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }, { [peers]: list }],
  });
}

function podCases(rule: Rule, way: Way): void {
  const path = `spec.${way.rules}[1].${way.peers}[0].podSelector`;
  ruleCases(rule, [
    {
      says: 'a Pod selector alone is about the policy’s namespace',
      object: allowing(way, { podSelector: web }),
      refers: podsSelected(web, path, inShop),
    },
    {
      says: 'beside a namespace selector it is about the Pods of those namespaces: both must match',
      object: allowing(way, { podSelector: web, namespaceSelector: tenant }),
      refers: podsSelected(web, path, { labels: tenant }),
    },
    {
      says: 'an empty Pod selector is every Pod of the namespace',
      object: allowing(way, { podSelector: {} }),
      refers: podsSelected({}, path, inShop),
    },
    {
      says: 'rules of a direction that the policy types leave out are void',
      object: policy({
        podSelector: {},
        policyTypes: [way.other],
        [way.rules]: [{ [way.peers]: [{ podSelector: web }] }],
      }),
      refers: [],
    },
    {
      says: 'missing policy types leave nothing out',
      object: policy({ podSelector: {}, [way.rules]: [{ [way.peers]: [{ podSelector: web }] }] }),
      refers: podsSelected(web, `spec.${way.rules}[0].${way.peers}[0].podSelector`, inShop),
    },
  ]);
}

function namespaceCases(rule: Rule, way: Way): void {
  const path = `spec.${way.rules}[1].${way.peers}[0].namespaceSelector`;
  ruleCases(rule, [
    {
      says: 'a namespace selector alone is whole Namespaces',
      object: allowing(way, { namespaceSelector: tenant }),
      refers: [{ target: labelled('Namespace', tenant), field: path }],
    },
    {
      says: 'an empty one is every Namespace',
      object: allowing(way, { namespaceSelector: {} }),
      refers: [{ target: labelled('Namespace', {}), field: path }],
    },
    {
      says: 'one that asks for names alone is the Namespaces of those names, whether anybody has shown them or not',
      object: allowing(way, {
        namespaceSelector: { matchExpressions: [{ key: nameLabel, operator: 'In', values: ['a', 'b'] }] },
      }),
      refers: ['a', 'b'].map((name) => ({ target: named('Namespace', name), field: path, optional: true })),
    },
    {
      says: 'one that asks for a name and a label is for who has both',
      object: allowing(way, { namespaceSelector: { matchLabels: { [nameLabel]: 'a', team: 'x' } } }),
      refers: [{ target: labelled('Namespace', { matchLabels: { [nameLabel]: 'a', team: 'x' } }), field: path }],
    },
    {
      says: 'beside a Pod selector it allows no whole Namespace',
      object: allowing(way, { podSelector: web, namespaceSelector: tenant }),
      refers: [],
    },
  ]);
}

function cidrCases(rule: Rule, way: Way): void {
  const all = (field: string) => ['0.0.0.0/0', '::/0'].map((name) => ({ target: named('CIDR', name), field }));
  ruleCases(rule, [
    {
      says: 'an address block is allowed, less its exceptions',
      object: policy({
        [way.rules]: [{ [way.peers]: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.2.0.0/16'] } }] }],
      }),
      refers: [
        {
          target: named('CIDR', '10.0.0.0/8'),
          field: `spec.${way.rules}[0].${way.peers}[0].ipBlock`,
          notes: { except: '10.1.0.0/16,10.2.0.0/16' },
        },
      ],
    },
    {
      says: 'a rule with an empty list of peers allows everything',
      object: policy({ [way.rules]: [{ [way.peers]: [] }] }),
      refers: all(`spec.${way.rules}[0]`),
    },
    {
      says: 'a rule without peers allows everything, whatever its ports',
      object: policy({ [way.rules]: [{ ports: [{ port: 80 }] }] }),
      refers: all(`spec.${way.rules}[0]`),
    },
    { says: 'no rule at all allows nothing', object: policy({ podSelector: {}, [way.rules]: [] }), refers: [] },
    {
      says: 'a direction that the policy types leave out allows nothing',
      object: policy({ policyTypes: [way.other], [way.rules]: [{}] }),
      refers: [],
    },
  ]);
}

podCases(networkPolicyAllowsFromPod, ways.from);
podCases(networkPolicyAllowsToPod, ways.to);
namespaceCases(networkPolicyAllowsFromNamespace, ways.from);
namespaceCases(networkPolicyAllowsToNamespace, ways.to);
cidrCases(networkPolicyAllowsFromCidr, ways.from);
cidrCases(networkPolicyAllowsToCidr, ways.to);

import { expect, test } from 'vitest';
import { rules } from '../../master/relations/index.ts';
import { families, familyOf, familyWords } from '../../ui/families.ts';
import { clusterOf, counted, kindOf, marks, nameOf, namespaceOf, stateOf, states, worst } from '../../ui/words.ts';

test('plurals as people write them', () => {
  const kinds = ['Pod', 'Ingress', 'NetworkPolicy', 'StorageClass', 'Endpoints', 'Gateway'];
  expect(kinds.map((kind) => counted(2, kind))).toEqual([
    '2 Pods',
    '2 Ingresses',
    '2 NetworkPolicies',
    '2 StorageClasses',
    '2 Endpoints',
    '2 Gateways',
  ]);
  expect(counted(1, 'Pod')).toBe('1 Pod');
});

test('parts of an id, whatever stands in it', () => {
  const ids = ['Pod:shop/web', 'Node:a', 'Image:sha256:ab/cd', 'Container:shop/web/app', 'odd', ''];
  expect(ids.map(namespaceOf)).toEqual(['shop', '', '', 'shop', '', '']);
  expect(ids.map(nameOf)).toEqual(['web', 'a', 'cd', 'web/app', 'odd', '']);
  expect(['HTTPRoute.gateway.networking.k8s.io', '.x', ''].map(kindOf)).toEqual(['HTTPRoute', '.x', '']);
});

test('every state has a mark of its own, and the worst wins', () => {
  expect(new Set(Object.values(marks)).size).toBe(states.length);
  expect([worst(['ok', 'failed', 'missing']), worst([]), worst(['done', 'idle'])]).toEqual(['failed', 'none', 'idle']);
});

test('what is absent for a reason is no fault: it is worse than nothing alone', () => {
  expect(stateOf({ annotations: { label: 'a', absent: 'optional' } })).toBe('absent');
  expect(stateOf({ annotations: { label: 'a', missing: true } })).toBe('missing');
  expect([worst(['absent', 'ok']), worst(['absent', 'none'])]).toEqual(['ok', 'absent']);
});

test('every family has a title, and unknown ones have another', () => {
  expect(Object.keys(familyWords)).toEqual([...families]);
  expect([familyOf('uses'), familyOf('frobnicates'), familyOf('constructor')]).toEqual(['use', 'other', 'other']);
});

test('every relation that a rule makes is in a family, or stands here', () => {
  const made = [...new Set(rules.map(({ relation }) => relation))].sort();
  expect(made.filter((relation) => familyOf(relation) === 'other')).toEqual([
    'defines',
    'offers',
    'refersTo',
    'reports',
    'selects',
    'sorts',
    'states',
  ]);
  expect(familyOf('connectsTo')).toBe('traffic');
});

test('an id of a fleet says its cluster, any other none', () => {
  const ids = ['@prod-eu/Pod:shop/a', '@prod%2Feu/Pod:shop/a', '@%/Pod:shop/a', 'Pod:shop/a', 'Host:@x/y'];
  expect(ids.map(clusterOf)).toEqual(['prod-eu', 'prod/eu', '%', '', '']);
});

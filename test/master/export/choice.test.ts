import { describe, expect, test } from 'vitest';
import { createChoice, planOf } from '../../../master/export/choice.ts';
import { roleOf } from '../../../master/export/role.ts';
import type { ServedResource } from '../../../master/sources/kubernetes/discover.ts';

const served = (group: string, plural: string, more: Partial<ServedResource> = {}): ServedResource => ({
  group,
  version: 'v1',
  kind: plural.replace(/s$/, '').replace(/^./, (sign) => sign.toUpperCase()),
  plural,
  namespaced: true,
  verbs: ['get', 'list', 'watch'],
  shortNames: [],
  preferred: true,
  ...more,
});
const all = [
  served('', 'pods'),
  served('', 'secrets'),
  served('', 'events'),
  served('', 'bindings', { verbs: ['create'] }),
  served('apps', 'deployments'),
  served('example.com', 'widgets'),
  served('example.com', 'pods'),
  served('metrics.k8s.io', 'pods'),
  served('autoscaling', 'horizontalpodautoscalers', { version: 'v1' }),
  served('autoscaling', 'horizontalpodautoscalers', { version: 'v2', preferred: false }),
];
const chosen = (types: readonly string[]) =>
  planOf({ resources: all, subresources: 0, failures: [] }, createChoice(types, [])).chosen.map(({ name }) => name);

describe('types', () => {
  test.each([
    [
      'nothing said',
      [],
      [
        'apps/deployments',
        'autoscaling/horizontalpodautoscalers',
        'core/pods',
        'example.com/pods',
        'example.com/widgets',
      ],
    ],
    [
      'one added by its bare name',
      ['+secrets'],
      [
        'apps/deployments',
        'autoscaling/horizontalpodautoscalers',
        'core/pods',
        'core/secrets',
        'example.com/pods',
        'example.com/widgets',
      ],
    ],
    [
      'a custom resource left out',
      ['-example.com/widgets'],
      ['apps/deployments', 'autoscaling/horizontalpodautoscalers', 'core/pods', 'example.com/pods'],
    ],
    ['a group left out', ['-example.com/*'], ['apps/deployments', 'autoscaling/horizontalpodautoscalers', 'core/pods']],
    [
      'others in place of the usual ones',
      ['core/*', 'example.com/w*'],
      ['core/events', 'core/pods', 'core/secrets', 'example.com/widgets'],
    ],
    ['a bare name', ['pods'], ['core/pods']],
    ['a measured one', ['metrics.k8s.io/pods'], ['metrics.k8s.io/pods']],
    [
      'the last word counts',
      ['-core/pods', '+core/p*', '-apps/*'],
      ['autoscaling/horizontalpodautoscalers', 'core/pods', 'example.com/pods', 'example.com/widgets'],
    ],
  ])('%s', (_, types, expected) => expect(chosen(types)).toEqual(expected));

  test('each is read in the version that is understood', () => {
    const { chosen: plan } = planOf(
      { resources: all, subresources: 0, failures: [] },
      createChoice(['autoscaling/*'], []),
    );
    expect(plan.map(({ version }) => version)).toEqual(['v2']);
  });

  test('a group that failed matters only where something of it might be chosen', () => {
    const failures = ['metrics.k8s.io', 'example.com', 'apps'].map((group) => ({
      group,
      version: 'v1',
      reason: 'away',
    }));
    const unknown = (types: readonly string[]) =>
      planOf({ resources: all, subresources: 0, failures }, createChoice(types, [])).unknown.map(({ group }) => group);
    expect(unknown([])).toEqual(['example.com', 'apps']);
    expect(unknown(['-example.com/*'])).toEqual(['apps']);
    expect(unknown(['core/*'])).toEqual([]);
  });

  test.each(['Pods', 'core/', '/', 'a b', '+-pods', 'core/pods/log'])('%j is refused', (text) => {
    expect(() => createChoice([text], [])).toThrow('is not a type');
  });
});

describe('namespaces', () => {
  test.each([
    [[], 'any', true],
    [['shop', 'team-*'], 'shop', true],
    [['shop', 'team-*'], 'team-a', true],
    [['shop', 'team-*'], 'other', false],
    [['-kube-*'], 'kube-system', false],
    [['-kube-*'], 'shop', true],
    [['team-*', '-team-b'], 'team-b', false],
    [['shop'], undefined, true],
  ])('%j: %s is %s', (scope, name, expected) => expect(createChoice([], scope).namespace(name)).toBe(expected));
});

test('the role has no verb more than it needs', () => {
  const plan = planOf({ resources: all, subresources: 0, failures: [] }, createChoice(['pods'], []));
  expect(roleOf(plan.chosen, { follow: false, helm: false })).not.toMatch(/watch|secrets/);
  expect(roleOf(plan.chosen, { follow: true, helm: true })).toMatch(/secrets[^]*watch/);
});
